# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs in a guest: hoardk_torture again and again, one TAP result each.
#
# usage: torture.sh SEED LINE...
# where LINE is "NAME|hoardk's parameters|hoardk_torture's parameters|TIMES".
# TIMES short jobs, each with hoardk loaded anew and another seed, make one
# result.  A K is chosen for each, unless the line says slack=.

# shellcheck source=tools/guest/lib.sh
. /files/lib.sh

torture=/sys/kernel/debug/hoardk_torture
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

# Of some the script knows only that they were refused, not as what.
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
	want=$(value either_frees /tmp/result)
	[ "$sum" = "$want" ] ||
		problem "$sum more bad frees were refused, not $want$each"
}

judge()
{
	local name

	expect_value verdict pass /tmp/result
	# What comes of that need not be waited for.
	[ -z "$problems" ] || return 0
	expect_refused
	expect_sound
	await_drained
	echo 1 >"$hoardk/give_back"
	for name in in_use_bytes held_bytes large_bytes overflows \
		    writes_after_free; do
		expect_value "$name" 0 "$hoardk/stats"
	done
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
	local params=$1 job=$2 pid

	case $params in
	*slack=*)	;;
	*)		params="$params slack=$(some_slack)" ;;
	esac
	if ! load hoardk "$params"; then
		problem "insmod hoardk $params failed"
		return
	fi
	load hoardk_torture "$job seed=$seed" &
	pid=$!
	disturb_while "$pid" "$job"
	if wait "$pid"; then
		cp "$torture/result" /tmp/result
		operations=$((operations + $(value operations /tmp/result)))
		summary="$params seed=$seed"
		judge
		rmmod hoardk_torture || problem "hoardk_torture cannot be unloaded"
	else
		problem "insmod hoardk_torture $job seed=$seed failed"
	fi
	unload_hoardk || problem "hoardk cannot be unloaded"
}

show_result()
{
	tr '\n' ' ' </tmp/result | fold -s -w 100
	echo
}

failed=0
number=0
echo "1..$#"
for line; do
	number=$((number + 1))
	IFS='|' read -r name params job times <<-END
	$line
	END
	problems=
	operations=0
	: >/tmp/result
	i=0
	while [ "$i" -lt "$times" ] && [ -z "$problems" ]; do
		one_job "$params" "$job"
		# shellcheck disable=SC3039,SC3057 # busybox's arithmetic
		seed=$(((seed * 1103515245 + 12345) % 2147483647 + 1))
		i=$((i + 1))
	done
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
