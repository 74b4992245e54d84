# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tools share: where things are, and which kernel release a name
# such as 6.12 means here.  Sourced; needs bash with set -eu.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
OUT=$TOP/out
CACHE=$OUT/cache
export TOP OUT CACHE

# The kernel series everything is built for and tested on.
SERIES=(6.1 6.12)
export SERIES

die()
{
	echo "${0##*/}: $*" >&2
	exit "${DIE_STATUS:-1}"
}

# The comment at the head of a tool is its help.
show_help()
{
	sed -n '4,/^[^#]/s/^# \{0,1\}//p' "$0" | grep -v '^shellcheck'
}

# help_if_asked "$@"
help_if_asked()
{
	case ${1-} in
	-h|--help)
		show_help
		exit 0 ;;
	esac
}

# For tools whose help is short.
usage()
{
	show_help >&2
	exit 1
}

# no_option OPTION: the same, of one that there is not.
no_option()
{
	echo "${0##*/}: no option '$1'" >&2
	usage
}

# Debian's release names of a series, as a regular expression: 6.1.0-NN-amd64
# and 6.12.N+deb12-amd64; a "-rt" after the series asks for PREEMPT_RT.
series_regex()
{
	case $1 in
	6.1)		echo '6\.1\.[0-9]+-[0-9]+-amd64' ;;
	6.1-rt)		echo '6\.1\.[0-9]+-[0-9]+-rt-amd64' ;;
	6.12)		echo '6\.12\.[0-9]+\+deb12-amd64' ;;
	6.12-rt)	echo '6\.12\.[0-9]+\+deb12-rt-amd64' ;;
	*)		return 1 ;;
	esac
}

# Is $1 a kernel that tools/vm/kernels/build makes, such as 6.12-kasan?  The
# fragment may name the one series that has what it wants.
is_built_kernel()
{
	local series=${1%%-*} fragment=$TOP/tools/vm/kernels/${1#*-}.config only

	case $1 in
	*/*|*-base)	return 1 ;;
	esac
	[ -e "$fragment" ] && series_regex "$series" >/dev/null || return 1
	only=$(sed -n 's/^# series: //p' "$fragment")
	[ -z "$only" ] || [ "$only" = "$series" ]
}

# What compiles the kernel $1, one that tools/vm/kernels/build makes, and modules
# for it, if not what its make takes.
compiler_of()
{
	sed -n 's/^# compiler: //p' "$TOP/tools/vm/kernels/${1#*-}.config"
}

# What the kernel $1 is booted with, so that use of freed pages shows: with KASAN on
# 6.12 they are not there, on 6.1 filled and looked at again; both ways are tried.
freed_pages_of()
{
	case $1 in
	6.12-kasan)	echo debug_pagealloc=on ;;
	*-kasan)	echo page_poison=1 ;;
	esac
}

# How many CPUs a VM with the kernel $1 has, unless somebody wants others.
cpus_of()
{
	case $1 in
	*-up)	echo 1 ;;
	*)	echo 4 ;;
	esac
}

# How many seconds a run on the kernel $1 may take beyond what it is to take.
allowance_of()
{
	if is_built_kernel "$1"; then
		echo 900
	else
		echo 300
	fi
}

# Does apt have an image of release $1?  Headers come to the archive first, and then
# apt knows the image by name alone.
can_fetch_image()
{
	apt-cache show --no-all-versions "linux-image-$1" 2>/dev/null |
		grep -q .
}

# Can the image of release $1 be had, now or from apt?
has_image()
{
	[ -r "/boot/vmlinuz-$1" ] || [ -s "$CACHE/kernel/$1/vmlinuz" ] ||
		can_fetch_image "$1"
}

# The newest release of a series for which apt has headers and an image.
newest_release()
{
	local regex release

	regex=$(series_regex "$1") || return 1
	for release in $(apt-cache pkgnames linux-headers-6. 2>/dev/null |
			 sed -nE "s/^linux-headers-($regex)\$/\1/p" |
			 sort -rV); do
		if can_fetch_image "$release"; then
			echo "$release"
			return 0
		fi
	done
	return 1
}

# The releases whose headers are installed, the newest first.
all_headers()
{
	local dir

	for dir in /lib/modules/*/build; do
		[ -e "$dir/Makefile" ] || continue
		dir=${dir%/build}
		echo "${dir##*/}"
	done | sort -rV
}

# Those of a series.
installed_headers()
{
	local regex

	regex=$(series_regex "$1") || return 1
	all_headers | grep -xE "$regex"
}

# The newest of these that has an image.
installed_release()
{
	local release

	for release in $(installed_headers "$1"); do
		if has_image "$release"; then
			echo "$release"
			return 0
		fi
	done
	return 1
}

# What 6.1, 6.12-rt, backports or a full release name means here.  Installed headers
# come before newer ones in the archive: image and modules must be of one release.
# Without an image one can still build.
resolve_release()
{
	if series_regex "$1" >/dev/null; then
		installed_release "$1" || newest_release "$1" ||
			installed_headers "$1" | head -n 1 | grep . ||
			die "no kernel of the series $1: neither installed headers nor packages known to apt; run tools/setup build"
		return
	fi
	case $1 in
	backports)		"$TOP/tools/vm/backports" ;;
	[0-9]*.[0-9]*.*)	echo "$1" ;;
	*)	is_built_kernel "$1" ||
			die "unknown kernel '$1': say 6.1, 6.12, 6.1-rt, 6.12-rt, backports, one of tools/vm/kernels/build --list or one of Debian's releases whose headers are here: $(all_headers | paste -s -d ' ')"
		echo "$1" ;;
	esac
}

# source_files PATTERN...: what is under version control or about to be.
source_files()
{
	local f

	git -C "$TOP" -c core.quotePath=false ls-files --cached --others --exclude-standard "$@" |
		sort -u | while IFS= read -r f; do
		[ ! -f "$TOP/$f" ] || echo "$f"
	done
}

# user_build PROGRAM...: make programs of selftests/user, named below out/user/,
# or all.
# Layers that run at the same time share objects, so one builds at a time.
user_build()
{
	local programs=("${@/#/$OUT/user/}")

	[ "$*" != all ] || programs=(all)
	mkdir -p "$OUT/user"
	flock "$OUT/user/lock" make -s -j"$(nproc)" -C "$TOP/selftests/user" \
		"${programs[@]}" >&2
}
