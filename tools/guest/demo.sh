# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Runs in a guest for tools/demo: the same work under each policy.  Prints, per
# run, a line "run POLICY WORK" and then hoardk's and the stress job's figures
# as they are, and at the end the summary for people.
#
# usage: demo.sh ALL-PARAMETERS CHAIN-PARAMETERS

# shellcheck source=tools/guest/lib.sh
. /files/lib.sh

fail()
{
	echo "demo: $*" >&2
	exit 1
}

# work POLICY NAME PARAMETERS
work()
{
	load hoardk "policy=$1" || fail "insmod hoardk policy=$1 failed"
	if [ "$2" = stress ]; then
		load hoardk_client "" || fail "the client failed"
		rmmod hoardk_client || fail "the client cannot be unloaded"
	fi
	load hoardk_stress "$3" || fail "insmod hoardk_stress $3 failed"
	echo "run $1 $2"
	cat "$hoardk/stats" "$stress/result"
	[ "$(value verdict "$stress/result")" = pass ] ||
		fail "policy $1, $2: the stress job found faults"
	[ -z "$(contradictions)" ] ||
		echo "fault: policy $1, $2: $(contradictions)"
	cp "$hoardk/summary" /tmp/summary
	rmmod hoardk_stress || fail "the stress module cannot be unloaded"
	unload_hoardk || fail "hoardk cannot be unloaded"
}

for policy in global local ownership hoard; do
	work "$policy" stress "$1"
done
for policy in global local ownership hoard; do
	work "$policy" chain "$2"
done
# The last run was that of policy hoard.
echo summary
cat /tmp/summary
