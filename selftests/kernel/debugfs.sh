# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The files in debugfs: format of stats, tables, give_back, verify, and that
# reading does not disturb.

STATS_NAMES='cpus superblock_bytes slack_superblocks in_use_bytes held_bytes
peak_in_use_bytes peak_held_bytes fragmentation blowup blowup_bound
internal_fragmentation_bytes external_fragmentation_bytes overhead_bytes
large_bytes remote_pending_bytes allocs local_frees remote_frees
superblocks_local superblocks_global superblocks_empty moves_to_global
moves_to_local invalid_frees double_frees alloc_failures overflows
writes_after_free quarantine_bytes'

# write_fails FILE TEXT ERROR
write_fails()
{
	# shellcheck disable=SC2116 # what the shell says of the write is wanted
	if said=$(echo "$2" 2>&1 >"$1"); then
		not_ok "debugfs: '$2' to ${1##*/} is refused" "it was taken"
	else
		expect_line "debugfs: '$2' to ${1##*/} is refused with EINVAL" \
			"$3" "$said"
	fi
}

stats_format()
{
	expect_equal "debugfs: stats starts with its version" \
		"$(head -n 1 "$DEBUGFS/stats")" 'version: 1'
	# shellcheck disable=SC2086 # its words
	set -- $STATS_NAMES
	expect_equal "debugfs: stats has these names in this order" \
		"$(sed '1d; s/ .*//' "$DEBUGFS/stats" | tr '\n' ' ')" \
		"$* "
	expect_equal "debugfs: stats has a value on each line, no more" \
		"$(grep -cE '^[a-z_]+ [0-9]+(\.[0-9]{3})?$' "$DEBUGFS/stats")" \
		$#
	expect_equal "debugfs: superblock_bytes" \
		"$(stat_value superblock_bytes)" 32768
}

tables()
{
	for file in summary classes cpus heaps; do
		if text=$(cat "$DEBUGFS/$file") && [ -n "$text" ]; then
			ok "debugfs: $file can be read"
		else
			not_ok "debugfs: $file can be read"
		fi
	done
	expect_line "debugfs: heaps names the general heap" general \
		"$(cat "$DEBUGFS/heaps")"
	expect_equal "debugfs: verify" "$(cat "$DEBUGFS/verify")" ok
}

give_back_input()
{
	check "debugfs: give_back takes 1" \
		sh -c "echo 1 >$DEBUGFS/give_back"
	for bad in 0 2 yes 1x 11 -1 ''; do
		write_fails "$DEBUGFS/give_back" "$bad" '[Ii]nvalid argument'
	done
}

# Readers of every file run while the tests do; verify is asked afterwards,
# as its figures are exact only when nothing else goes on.
read_under_load()
{
	rm -f /tmp/stop
	while [ ! -e /tmp/stop ]; do
		cat "$DEBUGFS/stats" "$DEBUGFS/summary" "$DEBUGFS/classes" \
			"$DEBUGFS/cpus" "$DEBUGFS/heaps" >/dev/null
	done &
	reader=$!
	run_tests 'only=[bn]*' >/tmp/results
	touch /tmp/stop
	wait "$reader"
	tap_import 'debugfs: while all files are read' /tmp/results
	expect_equal "debugfs: verify afterwards" "$(cat "$DEBUGFS/verify")" ok
}

part_debugfs()
{
	load_hoardk || { not_ok "debugfs: hoardk loads"; return; }
	stats_format
	tables
	give_back_input
	read_under_load
	check "debugfs: hoardk unloads" unload_hoardk
	if [ -e "$DEBUGFS" ]; then
		not_ok "debugfs: the files go with the module"
	else
		ok "debugfs: the files go with the module"
	fi
}
