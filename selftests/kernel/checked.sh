# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Heaps with checks: what the reports say, who is named to hold memory, and all
# other tests with the general heap checked.

# count REGEX: lines of the log of the last test
count()
{
	echo "$log" | grep -cE "$1"
}

SAID='hoardk: (overflow|write after free|bad free|heap)'

checked_reports()
{
	log=$(log_of checked.said_nothing)
	tap_import checked /tmp/results
	expect_equal "checked: without a mistake nothing is said" \
		"$(count "$SAID")" 0

	log=$(log_of checked.said_overflow)
	tap_import checked /tmp/results
	expect_equal "checked: one line for an overflow" "$(count "$SAID")" 1
	expect_line "checked: with size, heap, caller and place" \
		'overflow: [0-9a-f]+ \(100 bytes, heap checked\), allocated by overflow_at\+.*hoardk_test.* at byte 103$' "$log"

	log=$(log_of checked.said_late)
	tap_import checked /tmp/results
	expect_equal "checked: one line for a write after the free" \
		"$(count "$SAID")" 1
	expect_line "checked: with size, heap, caller and place" \
		'write after free: [0-9a-f]+ \(100 bytes, heap checked\), last allocated by late_at\+.*hoardk_test.* at byte 42 ' "$log"

	log=$(log_of checked.said_leak)
	tap_import checked /tmp/results
	expect_line "checked: a heap that goes away says what is live" \
		'heap checked goes away with 4 live blocks, 65836 bytes' "$log"
	expect_equal "checked: the callers are told apart, the largest first" \
		"$(echo "$log" | sed -n 's/.* \(leak_[a-z]*\)[.+].*/\1/p' |
		   tr '\n' ' ')" 'leak_large leak_small '
	expect_line "checked: with count, bytes, class and age" \
		'300 bytes in 3 blocks of 128, 0\.[0-9]+ to 0\.[0-9]+ s old' \
		"$log"
	expect_equal "checked: what was freed is not among them" \
		"$(count ' of 2[0-9][0-9],')" 0
}

# What the general heap holds, by name, while it is held and at unload.
checked_live()
{
	load_hoardk checks=owner free_at_unload=1 ||
		{ not_ok "checked: loads with checks=owner"; return; }
	# Once it is gone, its frames are bare addresses.
	insmod "$MODULES/hoardk_test.ko" leak=3 only=none
	live=$(cat "$DEBUGFS/live")
	rmmod hoardk_test
	expect_line "checked: live counts what is live" \
		'^heap general: 4 live blocks, 262444 bytes' "$live"
	expect_equal "checked: live names who holds it" \
		"$(echo "$live" | grep -c ' leak_one[.+]')" 2
	expect_line "checked: of one class together" \
		'^300 bytes in 3 blocks of 128,' "$live"
	dmesg -c >/dev/null
	check "checked: it unloads with free_at_unload=1" unload_hoardk
	log=$(dmesg)
	expect_line "checked: unload names the largest" \
		'262144 bytes in 1 blocks of 262144' "$log"
	expect_line "checked: and the rest" '300 bytes in 3 blocks of 128' \
		"$log"
}

# live may be read at any time.
checked_live_while_running()
{
	load_hoardk checks=all ||
		{ not_ok "checked: loads with checks=all"; return; }
	(while :; do cat "$DEBUGFS/live" >/dev/null; done) &
	reader=$!
	run_tests 'only=remote.[mp]*' >/tmp/results
	kill "$reader"
	wait "$reader"
	tap_import "checked: live is read meanwhile" /tmp/results
	expect_equal "checked: verify after that" "$(cat "$DEBUGFS/verify")" ok
	check "checked: it unloads after that" unload_hoardk
}

part_checked()
{
	load_hoardk || { not_ok "checked: hoardk loads"; return; }
	checked_reports
	check "checked: hoardk unloads" unload_hoardk
	configuration checked '' 'only=checked.*' 'except=checked.said_*'
	checked_live
	checked_live_while_running
	for policy in global local; do
		configuration "checked: policy $policy" "policy=$policy" \
			'only=checked.*' 'except=checked.said_*'
	done
	# Every test that does not count on block sizes or on their order.
	configuration "checks but for quarantine" \
		checks=owner,redzone,poison,zero,random "steps=$STEPS" \
		'only=[anrd][ael][sin]*.*'
	configuration "checks=all" checks=all "steps=$STEPS" 'only=random.*'
}
