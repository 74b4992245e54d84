#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The VM runner's own tests (TAP): every way a run can end must give the status
# the runner promises.  Most of these are controls: runs that must fail.
#
# usage: tools/vm/selftest.sh [KERNEL [MACHINES]]   (default: 6.12, 2 at a time)
set -eu
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tools/tap.sh
. "$TOP/tools/tap.sh"

kernel=${1:-6.12}
machines=${2:-2}
run=$TOP/tools/vm/run
mkdir -p "$OUT/tmp"
work=$(mktemp -d "$OUT/tmp/selftest.XXXXXX")
trap 'rm -rf "$work"' EXIT
cases=()

# machine STATUS NAME SCRIPT-TEXT [OPTION...]: boot, run, note what came of it.
# Some machines run at a time; report() tells the results in order.
machine()
{
	local id=${#cases[@]} status=$1 name=$2 text=$3

	shift 3
	cases+=("$status $name")
	printf '%s\n' "$text" >"$work/$id.sh"
	while [ "$(jobs -rp | wc -l)" -ge "$machines" ]; do
		wait -n || true
	done
	{
		got=0
		"$run" --kernel "$kernel" --cpus 2 --memory 384 --deadline 90 \
			"$@" "$work/$id.sh" >"$work/$id.out" 2>"$work/$id.err" ||
			got=$?
		echo "$got" >"$work/$id.status"
	} &
}

report()
{
	local id status name

	wait
	for id in "${!cases[@]}"; do
		read -r status name <<<"${cases[id]}"
		if [ "$(cat "$work/$id.status")" = "$status" ]; then
			ok "$name"
		else
			not_ok "$name" "status $(cat "$work/$id.status"), not $status" \
				"$(cat "$work/$id.out" "$work/$id.err")"
		fi
	done
}

# refused NAME OPTION...: the runner itself must say no, without booting.
refused()
{
	local name=$1 got=0

	shift
	"$run" --kernel "$kernel" "$@" >"$work/refused" 2>&1 || got=$?
	if [ "$got" = 125 ] && [ -s "$work/refused" ]; then
		ok "$name"
	else
		not_ok "$name" "status $got: $(cat "$work/refused")"
	fi
}

# Each of these lines alone must turn a console bad.
noticed_lines()
{
	cat <<-'END'
	WARNING: CPU: 1 PID: 9 at mm/page_alloc.c:1 __alloc_pages+0x1/0x2
	BUG: unable to handle page fault for address: ffff888000000000
	BUG: kernel NULL pointer dereference, address: 0000000000000008
	Oops: 0000 [#1] PREEMPT SMP NOPTI
	general protection fault, probably for non-canonical address 0x1
	Kernel panic - not syncing: Fatal exception
	Call Trace:
	watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [insmod:99]
	rcu: INFO: rcu_preempt self-detected stall on CPU
	rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
	INFO: task insmod:99 blocked for more than 120 seconds.
	BUG: KASAN: slab-out-of-bounds in f+0x1/0x2
	UBSAN: shift-out-of-bounds in f.c:1:2
	BUG: KCSAN: data-race in f / g
	BUG: KFENCE: out-of-bounds read in f+0x1/0x2
	BUG: sleeping function called from invalid context at f.c:1
	BUG: scheduling while atomic: insmod/99/0x00000002
	BUG: Bad page state in process insmod  pfn:1
	BUG: Bad rss-counter state mm:1 type:1 val:1
	WARNING: possible circular locking dependency detected
	WARNING: inconsistent lock state
	INFO: lockdep is turned off.
	INFO: trying to register non-static key.
	turning off the locking correctness validator.
	WARNING: suspicious RCU usage
	refcount_t: underflow; use-after-free.
	list_del corruption. prev->next should be 1
	unreferenced object 0xffff888006c1f000 (size 64):
	insmod: page allocation failure: order:3, mode:0x1
	END
}

# What kmemleak says of a block that the function $1 has asked for.
leak()
{
	cat <<-END
	unreferenced object 0xffff888006c1f000 (size 64):
	  comm "insmod", pid 153, jiffies 4294904123
	  hex dump (first 32 bytes):
	    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
	  backtrace (crc 0):
	    __kmalloc_cache_noprof+0x1d0/0x2f0
	    $1
	    do_one_initcall+0x53/0x2e0
	END
}

# What KCSAN says of a race; $1 and $2 are the access and what called it, $3 what
# another CPU says meanwhile.
race()
{
	sed 's/^/[    5.0] /' <<-END
	==================================================================
	BUG: KCSAN: data-race in f / g

	write to 0xffffffffc009a628 of 8 bytes by task 487 on cpu 0:
	 $1
	 $2
	 h+0x10/0x20 [hoardk]

	read (marked) to 0xffffffffc009a628 of 8 bytes by interrupt on cpu 2:
	 g+0x10/0x20
	 sysvec_call_function+0x10/0x20
	$3
	value changed: 0x00000000000009a6 -> 0x00000000000009b2

	Reported by Kernel Concurrency Sanitizer on:
	CPU: 2 UID: 0 PID: 488 Comm: insmod Not tainted 6.12.1
	==================================================================
	END
}

# scan STATUS NAME: of the console that is there
scan()
{
	local got=0

	"$run" --scan "$work/console" >/dev/null || got=$?
	is "$2" "$got" "$1"
}

race_tests()
{
	race 'f+0x1/0x2' 'e+0x1/0x2' '' >"$work/console"
	scan 0 "the scan lets the kernel race with itself"
	race 'f+0x1/0x2 [hoardk]' 'e+0x1/0x2' '' >"$work/console"
	scan 126 "the scan notices a race of hoardk"
	race 'f+0x1/0x2' 'e+0x1/0x2 [hoardk_stress]' '' >"$work/console"
	scan 126 "the scan notices a race of what a module calls"
	race 'f+0x1/0x2' 'e+0x1/0x2' 'WARNING: CPU: 1' >"$work/console"
	scan 126 "the scan notices a warning within a race"
	race 'f+0x1/0x2' 'e+0x1/0x2' '' | head -n 8 >"$work/console"
	scan 126 "the scan notices a race that is cut off"
}

scan_tests()
{
	local line

	while IFS= read -r line; do
		printf '[    1.0] first\n[    2.0] %s\n' "$line" >"$work/console"
		scan 126 "the scan notices: ${line:0:48}"
	done < <(noticed_lines)
	printf '[    1.0] hoardk: loading out-of-tree module taints kernel.\n' \
		>"$work/console"
	scan 0 "the scan lets a clean console pass"
}

"$TOP/tools/vm/build" --kernel "$kernel" --only selftests/vm \
	--no-hoardk >"$work/dir" 2>"$work/build.log" || {
	not_ok "build the control module" "$(cat "$work/build.log")"
	tap_done
	exit 1
}
control=$(cat "$work/dir")/selftests/vm/hoardk_vm_control.ko
insmod="insmod /modules/hoardk_vm_control.ko"

# shellcheck disable=SC2016 # for the guest to expand
machine 0 "a script that succeeds" '
	[ "$(cat /files/a)" = content ] && [ "$(cat /else/where/b)" = content ] &&
	[ "$(nproc)" = 2 ] && [ -d /sys/kernel/debug/tracing ] && echo said' \
	--file "$work/a" --file "$work/a:/else/where/b"
echo content >"$work/a"
machine 1 "a script that fails" 'exit 1'
machine 123 "a script's status above 123" 'exit 124'
machine 1 "a forged verdict" 'echo verdict-1 0; exit 1'
machine 126 "a panic" 'echo c >/proc/sysrq-trigger'
machine 124 "a hang" 'while :; do :; done' --deadline 12
VM_CONSOLE_LINES=10 machine 126 "a warning on the console" "$insmod what=warn" --module "$control"
machine 126 "an oops" "$insmod what=oops" --module "$control"
machine 126 "sleeping while atomic" "$insmod what=sleep" --module "$control"
machine 126 "a module that cannot be unloaded" "$insmod what=hold" \
	--module "$control"
machine 0 "a module left loaded is unloaded" "$insmod" --module "$control"
machine 126 "a machine that powers off early" 'poweroff -f'
machine 126 "a machine that reboots early" 'reboot -f'
machine 126 "an expected console line that is absent" 'true' \
	--expect-console 'never said'
machine 0 "an expected console line that looks like a warning" \
	'echo "WARNING: announced" >/dev/kmsg' --expect-console 'announced$'
# shellcheck disable=SC2016
machine 0 "two memory nodes" \
	'set -- /sys/devices/system/node/node[0-9]*; [ $# = 2 ]' --nodes 2
machine 125 "a guest whose clock runs too fast" 'sleep 60' --accel tcg \
	--append tsc_early_khz=100000
# What kmemleak says, in its place: of a module that is gone, and of the kernel.
for case in 126:0xffffffffa0005a4e 126:'hold+0x3e/0x60 [hoardk_test]' \
	    0:do_init_module+0x60/0x2c0; do
	leak "${case#*:}" >"$work/leak.${#cases[@]}"
	machine "${case%%:*}" "a leak, by ${case#*:}" \
		'mount -t tmpfs fake /sys/kernel/debug &&
		 cp /files/leak /sys/kernel/debug/kmemleak' \
		--file "$work/leak.${#cases[@]}:/files/leak"
done
# A folder there takes no "scan" either.
off=${#cases[@]}
machine 0 "kmemleak that has switched itself off" \
	'mount -t tmpfs fake /sys/kernel/debug && mkdir /sys/kernel/debug/kmemleak'
report
is "the script's output, all of it" "$(cat "$work/0.out")" said
is "what is around a warning is shown" \
	"$(grep -c '^--- around it:' "$work/6.err")" 1
is "but not what the end of the console has shown" \
	"$(grep -c '^--- around it:' "$work/9.err")" 0
is "no race is told of where there is none" "$(grep -c race "$work/0.err")" 0
is "kmemleak that has switched itself off is told of" \
	"$(grep -c '^run: kmemleak ' "$work/$off.err")" 1
is "kmemleak is not told of where there is none" \
	"$(grep -c kmemleak "$work/0.err")" 0
scan_tests
race_tests
refused "no script" --cpus 1
refused "a script that is not there" "$work/absent.sh"
refused "an unknown option" --nonsense x "$work/0.sh"
refused "a number that is none" --cpus many "$work/0.sh"
refused "an unknown kernel" --kernel 5 "$work/0.sh"
refused "a module that is not there" --module "$work/absent.ko" "$work/0.sh"
refused "an option QEMU refuses" --accel tcg --qemu -nonsense "$work/0.sh"
tap_done
