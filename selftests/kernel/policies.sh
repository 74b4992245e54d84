# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The test module on hoardk in every configuration: all tests with the default,
# with each other policy those that a policy can matter to (double frees try all
# policies in one go), and what moves superblocks again with as little slack as
# the lemma allows.

part_default()
{
	configuration default '' "steps=$STEPS"
}

part_policies()
{
	for policy in ownership local global; do
		configuration "$policy" "policy=$policy" \
			"steps=$((STEPS / 2))" 'except=[bdf][aou]*'
	done
}

part_slack()
{
	configuration hoard,slack=2 'slack=2' "steps=$STEPS" 'only=[rn]*'
	for policy in ownership local global; do
		configuration "$policy,slack=2" "policy=$policy slack=2" \
			'only=random.*' "steps=$((STEPS / 2))"
	done
	configuration hoard,slack=1,empty=90 'slack=1 empty_percent=90' \
		'only=r[ae][nm]*' "steps=$((STEPS / 2))"
	# The bound is lowest when superblocks need be but a fifth empty.
	configuration hoard,slack=2,empty=20 'slack=2 empty_percent=20' \
		'only=node.*'
	configuration hoard,slack=1024,empty=20 'slack=1024 empty_percent=20' \
		'only=random.*' "steps=$((STEPS / 2))"
}

# In a run whose heaps all follow policy hoard the blowup has a bound, a number,
# and keeps it.
part_bound()
{
	load_hoardk || { not_ok "bound: hoardk loads"; return; }
	run_tests 'only=node.*' >/tmp/results
	tap_import bound /tmp/results
	run_tests 'only=remote.*' >/tmp/results
	tap_import bound /tmp/results
	run_tests 'only=align.*' >/tmp/results
	tap_import bound /tmp/results
	blowup=$(stat_value blowup)
	bound=$(stat_value blowup_bound)
	expect_line "bound: blowup_bound is a number" \
		'^[0-9]+\.[0-9]{3}$' "$bound"
	expect_equal "bound: 1 <= blowup $blowup <= blowup_bound $bound" \
		"$(awk "BEGIN { print (1 <= $blowup && $blowup <= $bound) }" \
		   2>&1)" 1
	check "bound: hoardk unloads" unload_hoardk
}
