# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The control: a test that must fail is seen to fail, and a test module that
# is told nonsense says so.

part_control()
{
	load_hoardk || { not_ok "control: hoardk loads"; return; }
	run_tests busted=1 only=none >/tmp/results
	expect_line "control: a test that must fail is reported" \
		'^not ok 1 - control\.must_fail # main\.c:[0-9]+ expected' \
		"$(cat /tmp/results)"
	if run_tests only=no.such.test >/dev/null 2>&1; then
		not_ok "control: a glob that matches nothing is refused"
		rmmod hoardk_test
	else
		ok "control: a glob that matches nothing is refused"
	fi
	check "control: hoardk unloads" unload_hoardk
}
