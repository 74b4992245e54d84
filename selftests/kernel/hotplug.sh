# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# CPUs go and come while hoardk_stress works on all of them.

CPUS=/sys/devices/system/cpu

# Take each CPU but the first off and on again until the load ends.
toggle_while()
{
	toggles=0
	while kill -0 "$1" 2>/dev/null; do
		for cpu in "$CPUS"/cpu[1-9]*; do
			echo 0 >"$cpu/online" && echo 1 >"$cpu/online" &&
				toggles=$((toggles + 1))
		done
	done
}

all_online()
{
	for cpu in "$CPUS"/cpu[1-9]*; do
		[ "$(cat "$cpu/online")" = 1 ] || echo 1 >"$cpu/online" ||
			return 1
	done
}

# The memory of a CPU that goes away is not lost, nor are blocks freed there.
quiet_hotplug()
{
	run_tests leak=100 only=none >/dev/null
	for cpu in "$CPUS"/cpu[1-9]*; do
		echo 0 >"$cpu/online"
	done
	expect_equal "hotplug: verify with one CPU left" \
		"$(cat "$DEBUGFS/verify")" ok
	run_tests 'only=[abr]*.*' "steps=$STEPS" >/tmp/results
	tap_import 'hotplug: on one CPU' /tmp/results
	check "hotplug: all CPUs come back" all_online
	expect_equal "hotplug: verify with all CPUs" \
		"$(cat "$DEBUGFS/verify")" ok
}

under_load()
{
	if [ ! -e "$MODULES/hoardk_stress.ko" ]; then
		skip "hotplug: under load" "no hoardk_stress.ko in $MODULES"
		return
	fi
	insmod "$MODULES/hoardk_stress.ko" pattern=all seconds=10 irq=1 &
	load=$!
	toggle_while "$load"
	if wait "$load"; then
		ok "hotplug: the stress test passes"
	else
		not_ok "hotplug: the stress test passes" \
			"$(dmesg | grep -i stress | tail -n 2 | tr '\n' ' ')"
	fi
	note "$toggles times a CPU went and came"
	[ "$toggles" -ge 6 ]
	expect_equal "hotplug: CPUs went and came at least 6 times" $? 0
	check "hotplug: all CPUs are back" all_online
	loaded hoardk_stress && rmmod hoardk_stress
	echo 1 >"$DEBUGFS/give_back"
	expect_equal "hotplug: verify after the load" \
		"$(cat "$DEBUGFS/verify")" ok
}

part_hotplug()
{
	if [ ! -e "$CPUS/cpu1/online" ]; then
		skip "hotplug" "no CPU can go offline; boot with --cpus 4"
		return
	fi
	# The leaked blocks are freed on unload.
	load_hoardk free_at_unload=1 ||
		{ not_ok "hotplug: hoardk loads"; return; }
	quiet_hotplug
	under_load
	check "hotplug: hoardk unloads" unload_hoardk
}
