# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs in a guest: stress jobs, one TAP result each.
#
# usage: stress.sh JOB...
# where JOB is "NAME|hoardk's parameters|hoardk_stress's parameters|EXPECT".
# EXPECT is pass, or what a control must be convicted of: fail:COUNTER, a
# counter of hoardk_stress's result or of hoardk's stats that must not be 0.

# shellcheck source=tools/guest/lib.sh
. /files/lib.sh

# After a good run nothing is broken, in use or held.
judge_pass()
{
	local name

	expect_value verdict pass "$stress/result"
	for name in invalid_frees double_frees; do
		expect_value "$name" 0 "$hoardk/stats"
	done
	expect_sound
	rmmod hoardk_stress || problem "hoardk_stress cannot be unloaded"
	echo 1 >"$hoardk/give_back"
	for name in in_use_bytes held_bytes large_bytes remote_pending_bytes; do
		expect_value "$name" 0 "$hoardk/stats"
	done
}

# A control is convicted by the verdict and by the counter that belongs to it.
judge_fail()
{
	local counter=$1

	expect_value verdict fail "$stress/result"
	case $(value "$counter" "$stress/result")$(value "$counter" "$hoardk/stats") in
	''|0)	problem "$counter is 0" ;;
	esac
	rmmod hoardk_stress || problem "hoardk_stress cannot be unloaded"
}

run_job()
{
	local params=$1 job=$2 expect=$3

	problems=
	: >/tmp/result
	if ! load hoardk "$params"; then
		problem "insmod hoardk $params failed"
		return
	fi
	if load hoardk_stress "$job"; then
		cp "$stress/result" /tmp/result
		case $expect in
		pass)	judge_pass ;;
		fail:*)	judge_fail "${expect#fail:}" ;;
		*)	problem "EXPECT is '$expect'" ;;
		esac
	else
		problem "insmod hoardk_stress $job failed"
	fi
	unload_hoardk || problem "hoardk cannot be unloaded"
}

failed=0
number=0
echo "1..$#"
for line; do
	number=$((number + 1))
	IFS='|' read -r name params job expect <<-END
	$line
	END
	run_job "$params" "$job" "$expect"
	if [ -z "$problems" ]; then
		echo "ok $number - $name"
		echo "# $(value operations /tmp/result) operations, $(value irq_operations /tmp/result) in interrupts, $(value remote_frees /tmp/result) remote frees"
	else
		failed=1
		echo "not ok $number - $name"
		{
			echo "${problems#; }"
			cat /tmp/result
		} | sed 's/^/# /'
	fi
done
exit "$failed"
