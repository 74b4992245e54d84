# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The test module on hoardk in every configuration: all tests with each policy,
# the random sequences again with as little slack as the lemma allows, where
# superblocks move most.

part_policies()
{
	configuration default '' "steps=$STEPS"
	for policy in ownership local global; do
		configuration "$policy" "policy=$policy" "steps=$STEPS"
	done
}

part_slack()
{
	configuration hoard,slack=2 'slack=2' "steps=$STEPS"
	for policy in ownership local global; do
		configuration "$policy,slack=2" "policy=$policy slack=2" \
			'only=random.*' "steps=$STEPS"
	done
	configuration hoard,slack=1,empty=90 'slack=1 empty_percent=90' \
		'only=r*.*' "steps=$STEPS"
	configuration hoard,slack=1024,empty=20 'slack=1024 empty_percent=20' \
		'only=random.*' "steps=$STEPS"
}
