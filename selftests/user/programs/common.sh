# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the programs share.  Each NAME.sh says with program what it needs and
# defines work LIB, which does the work under LIB (under glibc if LIB is
# empty) in an empty folder of its own and leaves what is to be compared as
# files in results/; it ends with a status other than 0 if the work fails.

# program MIN_ALLOCS COMMAND=PACKAGE...: one of its processes makes so many
# allocations at least; it needs these commands (or files).
program()
{
	# shellcheck disable=SC2034 # run reads them
	min_allocs=$1
	shift
	# shellcheck disable=SC2034
	needs=("$@")
}

# size FULL QUICK
size()
{
	if [ -n "${QUICK-}" ]; then echo "$2"; else echo "$1"; fi
}

# under LIB COMMAND...: with LIB preloaded into this command and what it starts
# alone.  Each process of it adds its statistics to the file stats at its exit,
# if LIB is hoardk's.
stats=$PWD/stats
under()
{
	local lib=$1

	shift
	if [ -n "$lib" ]; then
		HOARDK_STATS=$stats LD_PRELOAD=$lib "$@"
	else
		"$@"
	fi
}

# same FOLDER FOLDER: print how the results differ.  A program may define its
# own.
same()
{
	diff -r "$1" "$2"
}

# random_lines COUNT SEED: the same ones everywhere.
random_lines()
{
	awk -v n="$1" -v x="$2" '
	function r() { return x = x * 16807 % 2147483647 }
	BEGIN {
		for (i = 1; i <= n; i++)
			printf "%08x %d name%d.%s %d\n", r(), r() % 1000, i,
				substr("abcdefghijklmnopqrstuvwxyz", 1,
				       r() % 26 + 1), r()
	}'
}
