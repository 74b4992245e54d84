# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# In the guest of tools/sanitizers: hoardk_mistake makes one mistake after the
# other, and after each the log must hold the one report of it and no other.
#
# usage: sanitizers.sh kasan FIRST|kcsan|kmsan|lose
# where FIRST is what tools/vm/run had to say first of a boot with "lose".
set -u

# shellcheck source=tools/guest/lib.sh
. /files/lib.sh
# shellcheck source=selftests/kernel/tap.sh
. /files/tap.sh

leaks=/sys/kernel/debug/kmemleak

# The headlines of sanitizers since the last call of "forget", but for races of the
# kernel with itself.
reports()
{
	dmesg | awk -f /files/races.awk | grep -aE 'BUG:|WARNING:|UBSAN:' | sed 's/^\[[^]]*\] //'
}

forget()
{
	dmesg -c >/dev/null
}

# make MISTAKE: make it; its module is loaded afterwards.
make()
{
	forget
	load hoardk free_at_unload=1 || return
	load hoardk_mistake "mistake=$1"
}

unmake()
{
	rmmod hoardk_mistake && rmmod hoardk
}

# judged MISTAKE GOT WANTED-REGEX: is exactly one line there, and is it that?
judged()
{
	if [ "$(echo "$2" | grep -c .)" = 1 ] && echo "$2" | grep -qE "$3"; then
		ok "$1: $2"
	else
		not_ok "$1" "expected one line like /$3/, got: $(echo "$2" |
							tr '\n' '|')"
	fi
}

# reported MISTAKE REGEX
reported()
{
	check "$1: made" make "$1"
	judged "$1" "$(reports)" "$2"
	check "$1: unmade" unmake
}

# What kmemleak finds: a leak needs two scans and some seconds of age.
found()
{
	sleep 6
	echo scan >"$leaks"
	sleep 1
	echo scan >"$leaks"
	cat "$leaks"
}

# leaked MISTAKE SIZE FUNCTION: eight blocks, each with the stack that allocated it, and
# no others.  Two may be missed: LEAKS in selftests/mistake/mistake.c.
leaked()
{
	local nr

	echo clear >"$leaks"
	check "$1: made" make "$1"
	found >/tmp/leaks
	judged "$1" "$(grep '^unreferenced' /tmp/leaks | sed 's/ 0x[^ ]*//' | uniq)" \
		"size $2)"
	nr=$(grep -c '^unreferenced' /tmp/leaks)
	check "$1: at least 6 of 8 are seen, $nr" [ "$nr" -ge 6 ]
	expect_equal "$1: each stack names $3" "$(grep -c "$3+" /tmp/leaks)" "$nr"
	check "$1: unmade" unmake
}

# What makes no mistake must leave no report; and were one expected, that would
# be noticed.
nothing()
{
	check "none: made" make none
	expect_equal "none: no report" "$(reports)" ""
	check "none: unmade" unmake
	# shellcheck disable=SC2034 # control
	if (judged control "$(reports)" BUG) | grep -q '^not ok'; then
		ok "control: a report that does not come is missed"
	else
		not_ok "control: a report that does not come is missed"
	fi
}

# Blocks that are lost for good, and hoardk stays loaded for them.
lose()
{
	load hoardk "" && load hoardk_mistake mistake=leak
	exit
}

kasan()
{
	judged "control: a leak at the end is noticed" "$1" 'unreferenced object .*size 100'
	nothing
	for mistake in read-after-free write-after-free write-after-bulk-free \
		       write-after-destroy; do
		reported "$mistake" 'KASAN: .*use-after-free in (peek|poke)'
	done
	for mistake in overflow overflow-bulk overflow-realloc overflow-large; do
		reported "$mistake" 'KASAN: .*out-of-bounds in poke'
	done
	# The next block is free.
	reported overflow-exact 'KASAN: .*(out-of-bounds|use-after-free) in poke'

	# What other modules lost by now is no matter of ours.
	echo scan=off >"$leaks"
	found >/dev/null
	echo clear >"$leaks"
	check "refer: made" make refer
	found >/tmp/leaks
	expect_equal "refer: a block that a block refers to is no leak" \
		"$(grep '^unreferenced' /tmp/leaks)" ""
	check "refer: unmade" unmake
	leaked leak 100 do_leak
	leaked leak-large 20000 do_leak_large
	leaked forget 64 do_refer
	expect_equal "kmemleak still works" \
		"$(dmesg | grep -ac 'kmemleak: .*disabled')" 0
}

kmsan()
{
	nothing
	for mistake in use-unset use-unset-bulk use-unset-realloc; do
		reported "$mistake" 'KMSAN: uninit-value in use\+'
	done
}

kcsan()
{
	nothing
	check "race: made" make race
	if reports | grep -q 'KCSAN: data-race in race'; then
		ok "race: $(reports | head -n 1)"
	else
		not_ok "race" "got: $(reports | tr '\n' '|')"
	fi
	check "race: unmade" unmake
}

"$@"
tap_end
