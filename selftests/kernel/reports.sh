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
		"$(echo "$log" | grep -c "$BAD")" 4
	expect_line "reports: a user address is called one" \
		"$BAD.*user address" "$log"
	expect_line "reports: kmalloc's memory is called foreign" \
		"$BAD.*kmalloc" "$log"
	expect_line "reports: an interior pointer is called one" \
		"$BAD.*inside a block" "$log"
	expect_line "reports: a double free is called one" \
		"$BAD.*freed twice" "$log"
	expect_equal "reports: each names the caller" \
		"$(echo "$log" | grep "$BAD" |
		   grep -cE 'reported\+0x[0-9a-f]+/0x[0-9a-f]+ \[hoardk_test\]')" 4
	expect_line "reports: the class is named" \
		"$BAD.*[^0-9]64.byte" "$log"
	expect_line "reports: the heap is named" "$BAD.*heap general" "$log"
	expect_equal "reports: a pointer and its double free are one address" \
		"$(echo "$log" | sed -n "s/.*$BAD \([0-9a-fx]*\) .*/\1/p" |
		   sort -u | wc -l)" 4

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
