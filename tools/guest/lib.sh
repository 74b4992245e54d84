# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What the scripts that run in a guest share.  Sourced; busybox ash.

hoardk=/sys/kernel/debug/hoardk
# shellcheck disable=SC2034 # for those that source this
stress=/sys/kernel/debug/hoardk_stress

# load NAME [PARAMETERS]: a string of words like policy=local.
load()
{
	# shellcheck disable=SC2086 # words
	insmod "/modules/$1.ko" $2
}

# value NAME FILE: of a text of "name value" lines.
value()
{
	sed -n "s/^$1:* //p" "$2"
}

# Unload hoardk.  With nothing in use it gives all memory back on request, and
# then no reference holds it.
unload_hoardk()
{
	local tries=0

	echo 1 >"$hoardk/give_back" || return 1
	until rmmod hoardk 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 30 ] || return 1
		sleep 0.1
	done
}

# Figures that contradict each other: what is in use is held, at every peak.
contradictions()
{
	[ "$(value peak_in_use_bytes "$hoardk/stats")" -le \
	  "$(value peak_held_bytes "$hoardk/stats")" ] ||
		echo "peak_in_use_bytes is above peak_held_bytes"
	[ "$(value in_use_bytes "$hoardk/stats")" -le \
	  "$(value held_bytes "$hoardk/stats")" ] ||
		echo "in_use_bytes is above held_bytes"
}

# What a result has against it, each after "; ".  Scripts empty it.
problems=

problem()
{
	problems="$problems; $*"
}

# expect_value NAME WANT FILE
expect_value()
{
	local got

	got=$(value "$1" "$3")
	[ "$got" = "$2" ] || problem "$1 is $got, not $2"
}

# What hoardk says of itself fits together.
expect_sound()
{
	local wrong

	wrong=$(contradictions)
	[ -z "$wrong" ] || problem "$wrong"
	[ "$(cat "$hoardk/verify")" = ok ] ||
		problem "verify: $(head -n 3 "$hoardk/verify")"
}
