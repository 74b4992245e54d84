# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs in a guest: hoardk_torture again and again, one TAP result each.
#
# usage: torture.sh SEED LINE...
# where LINE is "NAME|hoardk's parameters|hoardk_torture's parameters|TIMES|HOW".
# TIMES short jobs, each with hoardk loaded anew and another seed, make one
# result.  A K is chosen for each, unless the line says slack=.  HOW is
#	nothing	all is given back and compared before hoardk is unloaded
#	abrupt	hoardk is unloaded at once, with blocks, kicks and callbacks
#	fail:COUNTER	a control is to be convicted of that: a counter of the result
#		that must not be 0; or double_frees, of which hoardk knows one more
# and these are to show that this script sees what it looks for:
#	unfailed	no request is made to fail
#	abrupt:held	abrupt, while somebody holds hoardk
#	abrupt:empty	abrupt, and no heap is left

# shellcheck source=tools/guest/lib.sh
. /files/lib.sh

torture=/sys/kernel/debug/hoardk_torture
faults=1000000000	# more than there are
seed=$1
shift

operations=0
summary=

# Read all there is to read, and let the kernel take back what it can.
disturb_while()
{
	while kill -0 "$1" 2>/dev/null; do
		sleep 0.3
		cat "$hoardk/stats" "$hoardk/summary" "$hoardk/classes" \
			"$hoardk/cpus" "$hoardk/heaps" >/dev/null
		case $2 in *reclaim=0*) continue ;; esac
		echo 3 >/proc/sys/vm/drop_caches
		echo 1 >"$hoardk/give_back"
	done
}

# The ways of the kernel's to fail a request, as far as it has them.
ways_to_fail()
{
	local way

	for way in failslab fail_page_alloc; do
		[ ! -d "/sys/kernel/debug/$way" ] || echo "$way"
	done
}

# Where the kernel can, one request in fifty of the threads that allow it fails, in
# the slab and in the page allocator, at whatever place in hoardk.  $1: the job's
# parameters, $2: how.
inject()
{
	local way dir odds=20

	[ "$2" != unfailed ] || odds=0
	for way in $(ways_to_fail); do
		dir=/sys/kernel/debug/$way
		echo Y >"$dir/task-filter"
		echo N >"$dir/ignore-gfp-wait"
		[ ! -e "$dir/min-order" ] || echo 0 >"$dir/min-order"
		echo 0 >"$dir/verbose"
		echo 10 >"$dir/interval"
		echo "$faults" >"$dir/times"
		case $1 in
		*fail=0*)	echo 0 >"$dir/probability" ;;
		*)		echo "$odds" >"$dir/probability"
				armed=1 ;;
		esac
	done
}

# Adds to "failslab" and "fail_page_alloc" what of that has failed since.
count_injected()
{
	local way dir

	for way in $(ways_to_fail); do
		dir=/sys/kernel/debug/$way
		echo 0 >"$dir/probability"
		eval ": \$(($way += faults - $(cat "$dir/times")))"
	done
}

# A request that is to fail and cannot is no test of what comes of it.
expect_injected()
{
	[ -z "$armed" ] || [ $((failslab + fail_page_alloc)) -gt 0 ] ||
		problem "of no request that was to fail did one fail"
}

# Nobody works any more: remote frees are drained without being asked for.
await_drained()
{
	local tries=0

	until [ "$(value remote_pending_bytes "$hoardk/stats")" = 0 ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 75 ] || break
		sleep 0.2
	done
	expect_value remote_pending_bytes 0 "$hoardk/stats"
}

# Of some the script knows only that they were refused, not as what.  $1 more are
# known to hoardk alone.
expect_refused()
{
	local name want got sum=0 each=

	for name in invalid_frees double_frees; do
		want=$(value "$name" /tmp/result)
		got=$(value "$name" "$hoardk/stats")
		sum=$((sum + got - want))
		each="$each, $name $got of $want"
		[ "$got" -ge "$want" ] ||
			problem "$name is $got, below $want"
	done
	want=$(($(value either_frees /tmp/result) + $1))
	[ "$sum" = "$want" ] ||
		problem "$sum more bad frees were refused, not $want$each"
}

judge()
{
	local name

	expect_value verdict pass /tmp/result
	# What comes of that need not be waited for.
	[ -z "$problems" ] || return 0
	expect_refused 0
	expect_sound
	await_drained
	echo 1 >"$hoardk/give_back"
	for name in in_use_bytes held_bytes large_bytes overflows \
		    writes_after_free; do
		expect_value "$name" 0 "$hoardk/stats"
	done
}

# The job must have failed, and for what belongs to it.
convict()
{
	local counter=$1 got

	expect_value verdict fail /tmp/result
	case $counter in double_frees)
		expect_refused 1
		return ;;
	esac
	got=$(value "$counter" /tmp/result)
	[ "${got:-0}" != 0 ] || problem "$counter tells nothing"
}

# $1 is what this script must have found, and nothing else.
expect_problem()
{
	case $problems in
	"; $1")	problems= ;;
	*)	problem "it was not noticed: $1" ;;
	esac
}

# Nothing is waited for or given back, and the kernel goes on asking for memory:
# what is wrong shows on the console, also some time after.  hoardk may free what is
# left, so nothing holds it; if it does not tell of that, there was nothing.
unload_abruptly()
{
	local pid

	# Of the job before.
	[ -n "$problems" ] || dmesg -c >/dev/null

	while :; do
		echo 3 >/proc/sys/vm/drop_caches
	done &
	pid=$!
	rmmod hoardk_torture hoardk ||
		problem "hoardk cannot be unloaded at once"
	kill "$pid"
	wait "$pid" 2>/dev/null
	dmesg | grep -q 'hoardk: .* heap left leaked' ||
		problem "no heap was left"
	# The next one may lie where this one lay, and what still calls it would not show.
	sleep 0.4
}

# The same, and somebody has a file of hoardk's open: then there is no unloading it.
unload_held()
{
	exec 8<"$hoardk/stats"
	unload_abruptly 2>/dev/null
	exec 8<&-
	expect_problem "hoardk cannot be unloaded at once; no heap was left"
	rmmod hoardk || problem "hoardk cannot be unloaded"
}

# The same as unload_abruptly(), and the job has left no heap.
unload_empty()
{
	unload_abruptly
	expect_problem "no heap was left"
}

# What of K, by the seed: small ones more often.
some_slack()
{
	case $((seed % 5)) in
	0)	echo 1 ;;
	1)	echo 2 ;;
	2)	echo 8 ;;
	3)	echo 32 ;;
	4)	echo $((1 + seed / 5 % 1024)) ;;
	esac
}

one_job()
{
	local params=$1 job=$2 how=$3 pid

	case $how in abrupt*)
		params="$params free_at_unload=1" ;;
	esac
	case $how in abrupt|abrupt:held)
		job="$job parting=1" ;;
	esac
	case $params in
	*slack=*)	;;
	*)		params="$params slack=$(some_slack)" ;;
	esac
	if ! load hoardk "$params"; then
		problem "insmod hoardk $params failed"
		return
	fi
	inject "$job" "$how"
	load hoardk_torture "$job seed=$seed" &
	pid=$!
	disturb_while "$pid" "$job"
	count_injected
	if wait "$pid"; then
		cp "$torture/result" /tmp/result
		operations=$((operations + $(value operations /tmp/result)))
		summary="$params seed=$seed"
		case $how in
		abrupt*)
			expect_value verdict pass /tmp/result
			case $how in
			abrupt)		unload_abruptly ;;
			abrupt:held)	unload_held ;;
			abrupt:empty)	unload_empty ;;
			esac
			return ;;
		fail:*)	convict "${how#fail:}" ;;
		*)	judge ;;
		esac
		rmmod hoardk_torture || problem "hoardk_torture cannot be unloaded"
	else
		problem "insmod hoardk_torture $job seed=$seed failed"
	fi
	unload_hoardk || problem "hoardk cannot be unloaded"
}

show_result()
{
	{
		cat /tmp/result
		[ -z "$armed" ] ||
			echo "failslab $failslab fail_page_alloc $fail_page_alloc"
	} | tr '\n' ' ' | fold -s -w 100
	echo
}

failed=0
number=0
echo "1..$#"
for line; do
	number=$((number + 1))
	IFS='|' read -r name params job times how <<-END
	$line
	END
	problems=
	operations=0
	armed=
	failslab=0
	fail_page_alloc=0
	: >/tmp/result
	i=0
	while [ "$i" -lt "$times" ] && [ -z "$problems" ]; do
		one_job "$params" "$job" "$how"
		# shellcheck disable=SC3039,SC3057 # busybox's arithmetic
		seed=$(((seed * 1103515245 + 12345) % 2147483647 + 1))
		i=$((i + 1))
	done
	# A control may be caught before its turn comes.
	case $problems$how in ''|abrupt|unfailed)
		expect_injected ;;
	esac
	[ "$how" != unfailed ] ||
		expect_problem "of no request that was to fail did one fail"
	if [ -z "$problems" ]; then
		echo "ok $number - $name"
		echo "# $operations operations; the last job: $summary"
	else
		failed=1
		echo "not ok $number - $name"
		echo "# $summary: ${problems#; }"
		dmesg | grep -E 'hoardk(_torture)?: ' | grep -v 'bad free' |
			tail -n 12 | sed 's/^/# /'
	fi
	show_result | sed 's/^/# /'
done
exit "$failed"
