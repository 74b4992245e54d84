# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs in a guest: rows of hoardk_misuse, and what came of them.
#
# usage: misuse.sh hoardk [ROW...]  rows (default: all), done to hoardk, which
#                                   is loaded anew for each: TAP, and the facts
#                                   as comments
#        misuse.sh slub ROW         one row, done to SLUB; the facts
#
# Facts are lines "# ROW: NAME VALUE".

# shellcheck source=tools/guest/lib.sh
. /files/lib.sh

result=/sys/kernel/debug/hoardk_misuse/result
problems=

# What hoardk said, but for hello and for what it says when it goes.
said()
{
	dmesg | sed -n 's/^\[[^]]*\] \(hoardk: .*\)/\1/p' |
		grep -v '^hoardk: loaded: '
}

# The first that the kernel itself warned of.  It may do so once a boot, unless
# it is told to forget.
kernel_said()
{
	dmesg | sed 's/^\[[^]]*\] //' | grep -m 1 -E 'WARNING: |BUG[: ]'
}

forget_warnings()
{
	echo 1 >/sys/kernel/debug/clear_warn_once
	dmesg -c >/dev/null
}

# Counters and the lines of the log, in the words of the module's own result.
gather()
{
	local invalid double

	invalid=$(value invalid_frees "$hoardk/stats")
	double=$(value double_frees "$hoardk/stats")
	{
		cat "$result"
		echo "invalid_frees $invalid"
		echo "double_frees $double"
		echo "bad_frees $((invalid + double))"
		echo "seconds $seconds"
		echo "lines $(said | grep -c .)"
		echo "said $(said | head -n 1)"
		echo "kernel $(kernel_said)"
		echo "traces $(dmesg | grep -c 'Call Trace:')"
	} >/tmp/facts
}

# The facts are what the module says they must be.
judge_facts()
{
	local name want got

	sed -n 's/^want_//p' /tmp/facts >/tmp/want
	[ -s /tmp/want ] || problem "the module says nothing of what must be"
	while read -r name want; do
		got=$(value "$name" /tmp/facts)
		[ "$got" = "$want" ] || problem "$name is '$got', not '$want'"
	done </tmp/want
}

# One line for one misuse, few for many, none where there is nothing to say.
judge_lines()
{
	local words lines most=1

	words=$(value words /tmp/facts)
	lines=$(value lines /tmp/facts)
	# Ten in five seconds is the limit.
	[ "$(value races /tmp/facts)" = 0 ] ||
		most=$(((seconds / 5 + 2) * 10))
	if [ -z "$words" ]; then
		[ "$lines" = 0 ] || problem "lines is $lines, not 0"
		return
	fi
	if [ "$lines" -lt 1 ] || [ "$lines" -gt "$most" ]; then
		problem "lines is $lines, not 1 to $most"
	fi
	said | grep -vE "$words" >/tmp/unfit &&
		problem "words are $(head -n 1 /tmp/unfit), not $words"
}

# The kernel says what it must, with one trace, and nothing where that is nothing.
judge_kernel()
{
	local words got traces=0

	words=$(value kernel_words /tmp/facts)
	got=$(value kernel /tmp/facts)
	if [ -z "$words" ]; then
		[ -z "$got" ] || problem "kernel is '$got', not ''"
	else
		traces=1
		echo "$got" | grep -qE "$words" ||
			problem "kernel is '$got', not $words"
	fi
	expect_value traces "$traces" /tmp/facts
}

uptime()
{
	cut -d . -f 1 /proc/uptime
}

run_row()
{
	local seconds

	: >/tmp/facts
	# Blocks that a failing row leaves behind must not hold up the next.
	load hoardk free_at_unload=1 || { problem "insmod hoardk failed"; return; }
	forget_warnings
	seconds=$(uptime)
	if load hoardk_misuse "case=$1"; then
		seconds=$(($(uptime) - seconds))
		gather
		rmmod hoardk_misuse || problem "hoardk_misuse cannot be unloaded"
		echo "left $(value in_use_bytes "$hoardk/stats")" >>/tmp/facts
		judge_facts
		judge_lines
		judge_kernel
		[ "$(cat "$hoardk/verify")" = ok ] ||
			problem "verify: $(head -n 1 "$hoardk/verify")"
	else
		problem "insmod hoardk_misuse case=$1 failed"
	fi
	unload_hoardk || problem "hoardk cannot be unloaded"
}

show_facts()
{
	sed -n "/^want_/!s/^/# $1: /p" /tmp/facts
}

# A control is in order if it was found out by what it is about.
judge_control()
{
	local convicts

	convicts=$(value convicts /tmp/facts)
	case $problems in
	*"; $convicts "[ia]*)	problems= ;;
	*)	problems="; found out by '${problems#; }', not by $convicts" ;;
	esac
}

# The rows the module has, or those of them that were asked for.
list_rows()
{
	local row

	load hoardk "" || return 1
	load hoardk_misuse "" || return 1
	[ $# -gt 0 ] || set -- '[^ ]*'
	for row; do
		grep -x "[^ ]* $row" "$result" || return 1
	done
	rmmod hoardk_misuse
	unload_hoardk
}

run_rows()
{
	local kind row title number=0 failed=0

	if ! list_rows "$@" >/tmp/rows; then
		echo "misuse: no such rows: $*" >&2
		return 1
	fi
	echo "1..$(grep -c . /tmp/rows)"
	while read -r kind row; do
		number=$((number + 1))
		problems=
		run_row "$row"
		title=$(value title /tmp/facts)
		[ "$kind" != control ] || judge_control
		if [ -z "$problems" ]; then
			echo "ok $number - ${title:-$row}"
		else
			failed=1
			echo "not ok $number - ${title:-$row}"
			echo "# ${problems#; }"
		fi
		[ "$kind" = control ] || show_facts "$row"
	done </tmp/rows
	return "$failed"
}

run_slub()
{
	local seconds=0

	load hoardk "" || return 1
	dmesg -c >/dev/null
	load hoardk_misuse "case=$1 side=slub" || return 1
	gather
	show_facts "$1"
	rmmod hoardk_misuse
}

case $1 in
hoardk)	shift
	run_rows "$@" ;;
slub)	run_slub "$2" ;;
*)	echo "misuse: '$1' is neither hoardk nor slub" >&2
	exit 2 ;;
esac
