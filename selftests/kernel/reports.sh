# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What hoardk writes to the kernel log: a line for each bad free, few lines for
# many, and no splat.

BAD='hoardk: bad free:'

# The log of one test of the module, old messages cleared first.
log_of()
{
	# A rate limit's window of five seconds must have passed.
	sleep 5
	dmesg -c >/dev/null
	run_tests "only=$1" >/tmp/results
	dmesg -c
}

part_reports()
{
	load_hoardk || { not_ok "reports: hoardk loads"; return; }
	log=$(log_of badfree.reported)
	tap_import reports /tmp/results
	expect_equal "reports: one line for each bad free" \
		"$(echo "$log" | grep -c "$BAD")" 5
	# The address, and who freed it.
	expect_line "reports: a user address is named" \
		"$BAD.*(0x|0000)0*400000" "$log"
	expect_line "reports: a double free is called one" \
		"$BAD.*twice|$BAD.*double|$BAD.*already free" "$log"
	expect_line "reports: the caller is named" \
		"$BAD.*reported\+0x[0-9a-f]+/0x[0-9a-f]+ \[hoardk_test\]" "$log"
	expect_line "reports: the class is named" "$BAD.*64" "$log"
	expect_line "reports: the heap is named" "$BAD.*general" "$log"

	log=$(log_of badfree.flood)
	tap_import reports /tmp/results
	lines=$(echo "$log" | grep -c "$BAD")
	expect_at_most "reports: 10,000 bad frees write at most 100 lines" \
		"$lines" 100
	expect_line "reports: but not none" "$BAD" "$log"
	if echo "$log" | grep -E 'WARNING|BUG|Call Trace' >/tmp/splat; then
		not_ok "reports: no splat" "$(head -n 1 /tmp/splat)"
	else
		ok "reports: no splat"
	fi
	check "reports: hoardk unloads" unload_hoardk
}
