# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What tests on the host share: they print TAP.  Sourced; needs bash.

tap_count=0
tap_failed=0

# ok NAME / not_ok NAME [WHY...]
ok()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

not_ok()
{
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	shift
	[ $# = 0 ] || printf '%s\n' "$*" | sed 's/^/# /'
}

skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# is NAME GOT WANTED
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got: $2"$'\n'"wanted: $3"
	fi
}

tap_done()
{
	echo "1..$tap_count"
	[ "$tap_failed" = 0 ]
}
