# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Loading and unloading hoardk and the test module, and reading what they say.

MODULES=${MODULES:-/modules}
DEBUGFS=/sys/kernel/debug/hoardk
RESULTS=/sys/kernel/debug/hoardk_test/results

load_hoardk()
{
	insmod "$MODULES/hoardk.ko" "$@"
}

# An idle hoardk gives its memory back within a second, and only then lets go
# of itself: try for three.
unload_hoardk()
{
	unload_tries=0
	until rmmod hoardk 2>/dev/null; do
		unload_tries=$((unload_tries + 1))
		[ "$unload_tries" -lt 30 ] || return 1
		sleep 0.1
	done
}

loaded()
{
	grep -q "^$1 " /proc/modules
}

stat_value()
{
	sed -n "s/^$1 //p" "$DEBUGFS/stats"
}

# Run tests of the module on a hoardk that is loaded; their text to stdout.
run_tests()
{
	insmod "$MODULES/hoardk_test.ko" "seed=$SEED" "$@" || return 1
	cat "$RESULTS"
	rmmod hoardk_test
}

# wait_held LIMIT: until at most so many bytes are held, three seconds long
wait_held()
{
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		[ "$(stat_value held_bytes)" -gt "$1" ] || return 0
		sleep 0.2
	done
	return 1
}

# configuration NAME "HOARDK PARAMETERS" TEST-PARAMETER...: load, test, unload
configuration()
{
	conf=$1
	# shellcheck disable=SC2086 # several parameters
	if ! load_hoardk $2; then
		not_ok "$conf: hoardk loads" "insmod hoardk.ko $2 failed"
		return
	fi
	shift 2
	if run_tests "$@" >/tmp/results; then
		tap_import "$conf" /tmp/results
	else
		not_ok "$conf: the test module loads" \
			"$(dmesg | tail -n 1)"
	fi
	expect_equal "$conf: verify" "$(cat "$DEBUGFS/verify")" ok
	wait_held 0
	expect_equal "$conf: nothing held when all is freed" \
		"$(stat_value held_bytes)" 0
	expect_equal "$conf: nothing in use" "$(stat_value in_use_bytes)" 0
	check "$conf: hoardk unloads" unload_hoardk
}
