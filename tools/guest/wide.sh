# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# In the guest of tools/wide: hoardk's own figures just loaded, after a job in
# which every CPU works, and idle again, then what a pair takes on the first and
# on the last CPU.  Lines "WHEN_NAME VALUE".
#
# usage: wide.sh OPERATIONS-PER-CPU
set -e
# shellcheck source=tools/guest/lib.sh
. /files/lib.sh

bench=/sys/kernel/debug/hoardk_bench
cpus=$(nproc)

# figures WHEN NAME...
figures()
{
	local when=$1 name

	shift
	for name; do
		echo "${when}_$name $(value "$name" "$hoardk/stats")"
	done
}

idle()
{
	[ "$(value held_bytes "$hoardk/stats")" = 0 ]
}

# hoardk returns all by itself; the clock is the guest's, so this does not
# depend on the machine.
wait_idle()
{
	local tries=0

	until idle; do
		tries=$((tries + 1))
		[ "$tries" -lt 30 ] || return 0
		sleep 0.1
	done
}

# pair WHEN CPU: instructions of a pair there, the other CPUs being idle.
pair()
{
	load hoardk_bench "cpu=$2 only=constant settle_ms=1000"
	awk -F '\t' -v name="$1_pair" '$3 == "hoardk" {
		printf "%s %.1f\n", name, $5 / $4
		exit
	}' "$bench/results"
	rmmod hoardk_bench
}

load hoardk ""
figures loaded cpus slack_superblocks superblock_bytes overhead_bytes held_bytes
load hoardk_stress "pattern=all ops=$(($1 * cpus))"
figures after peak_in_use_bytes peak_held_bytes blowup blowup_bound \
	superblocks_local
expect_value verdict pass "$stress/result"
expect_sound
rmmod hoardk_stress
wait_idle
figures idle held_bytes overhead_bytes
echo "idle_local_heaps $(grep -c '^general  *[0-9]' "$hoardk/cpus")"
pair first 0
pair last $((cpus - 1))
echo 1 >"$hoardk/give_back"
figures back held_bytes overhead_bytes
[ -z "$problems" ] || {
	echo "wide: ${problems#; }" >&2
	exit 1
}
