# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Loading and unloading: again and again without losing memory, refused while
# blocks are live, and with a report of them where it is wanted.

# Memory that nobody uses, caches emptied first.  MemFree alone would not do:
# each CPU keeps freed pages in lists of its own, up to 10 MB of them on a kernel
# that sizes these lists by itself.
free_kilobytes()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 1
	awk '$1 == "nr_free_pages" || $1 == "count:" { pages += $2 }
	     END { print pages * 4 }' /proc/zoneinfo
}

one_cycle()
{
	load_hoardk &&
	run_tests 'only=bulk.numbers' >/tmp/results &&
	! grep '^not ok' /tmp/results &&
	echo 1 >"$DEBUGFS/give_back" &&
	unload_hoardk
}

# One superblock is 32 KiB, and a cycle uses some hundred.  2 MiB over 20
# cycles tolerates what the rest of the kernel keeps (slab pages, vmalloc's
# lazily purged ranges: 100 KiB a cycle), yet a leak of four superblocks a cycle
# already shows.  The first cycles warm all that up.
again_and_again()
{
	one_cycle && one_cycle
	before=$(free_kilobytes)
	cycles=0
	while [ "$cycles" -lt 20 ] && one_cycle; do
		cycles=$((cycles + 1))
	done
	after=$(free_kilobytes)
	expect_equal "lifecycle: loaded, used and unloaded 20 times" \
		"$cycles" 20
	note "free before $before kB, after $after kB"
	expect_at_most "lifecycle: free memory is as before, but 2 MiB" \
		$((before - after)) 2048
}

# Leave 3 small blocks and a large one behind; where their chain starts, which
# is what it takes to free them later.
leak()
{
	run_tests leak=3 only=none | sed -n 's/^# leaked=//p'
}

# refused_now NAME: hoardk stays, however often one asks
refused_now()
{
	if rmmod hoardk 2>/dev/null; then
		not_ok "$1" "rmmod hoardk worked"
		return 1
	fi
	ok "$1"
}

kept_while_live()
{
	load_hoardk || { not_ok "lifecycle: hoardk loads"; return; }
	chain=$(leak)
	sleep 2
	refused_now "lifecycle: no unload while blocks are live" || return
	echo 1 >"$DEBUGFS/give_back"
	refused_now "lifecycle: nor after give_back" || return
	# 3 blocks of 100 bytes and one of 256 KiB.
	expect_at_most "lifecycle: the leaked blocks are still in use" \
		262444 "$(stat_value in_use_bytes)"
	expect_equal "lifecycle: verify with leaked blocks" \
		"$(cat "$DEBUGFS/verify")" ok
	run_tests only=none "reclaim=$chain" >/dev/null
	expect_equal "lifecycle: freed at last, nothing is in use" \
		"$(stat_value in_use_bytes)" 0
	check "lifecycle: then it unloads" unload_hoardk
}

freed_at_unload()
{
	load_hoardk free_at_unload=1 ||
		{ not_ok "lifecycle: loads with free_at_unload=1"; return; }
	leak >/dev/null
	bytes=$(stat_value in_use_bytes)
	dmesg -c >/dev/null
	check "lifecycle: with free_at_unload=1 it unloads" unload_hoardk
	log=$(dmesg)
	expect_line "lifecycle: the log says how many blocks leaked" \
		'hoardk: .*[^0-9]4 (live )?blocks' "$log"
	expect_line "lifecycle: and how many bytes" \
		"hoardk: .*[^0-9]$bytes bytes" "$log"
	check "lifecycle: it can be loaded again" load_hoardk
	expect_equal "lifecycle: and starts with nothing in use" \
		"$(stat_value in_use_bytes)" 0
	check "lifecycle: and unloads again" unload_hoardk
}

part_lifecycle()
{
	again_and_again
	kept_while_live
	freed_at_unload
}
