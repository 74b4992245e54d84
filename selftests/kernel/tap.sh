# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# One TAP stream on stdout: ok and not ok lines with a numbering of its own,
# and the plan at the end, when their number is known.

TAP_NUMBER=0
TAP_FAILED=0

ok()
{
	TAP_NUMBER=$((TAP_NUMBER + 1))
	echo "ok $TAP_NUMBER - $1"
}

# not_ok NAME WHY
not_ok()
{
	TAP_NUMBER=$((TAP_NUMBER + 1))
	TAP_FAILED=$((TAP_FAILED + 1))
	echo "not ok $TAP_NUMBER - $1${2:+ # $2}"
}

skip()
{
	TAP_NUMBER=$((TAP_NUMBER + 1))
	echo "ok $TAP_NUMBER - $1 # SKIP $2"
}

note()
{
	echo "# $*"
}

# check NAME COMMAND...: ok if the command succeeds
check()
{
	check_name=$1
	shift
	if check_output=$("$@" 2>&1); then
		ok "$check_name"
	else
		not_ok "$check_name" "$* failed: $(echo "$check_output" |
						   tail -n 3 | tr '\n' ' ')"
	fi
}

# expect_equal NAME GOT WANTED
expect_equal()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got '$2', expected '$3'"
	fi
}

# expect_at_most NAME GOT LIMIT
expect_at_most()
{
	if [ "$2" -le "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got '$2', expected at most $3"
	fi
}

# expect_line NAME REGEX TEXT: some line of the text matches
expect_line()
{
	if echo "$3" | grep -qE "$2"; then
		ok "$1"
	else
		not_ok "$1" "no line like /$2/ in: $(echo "$3" | tail -n 5 |
						     tr '\n' '|')"
	fi
}

# tap_import PREFIX FILE: take over the results of a test module, in order, and
# hold their number against its plan.
tap_import()
{
	import_seen=0
	import_plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$2")
	while read -r line; do
		case $line in
		'ok '*)		import_seen=$((import_seen + 1))
				TAP_NUMBER=$((TAP_NUMBER + 1))
				echo "ok $TAP_NUMBER - $1: ${line#ok * - }" ;;
		'not ok '*)	import_seen=$((import_seen + 1))
				not_ok "$1: ${line#not ok * - }" ;;
		'#'*)		echo "$line" ;;
		esac
	done <"$2"
	expect_equal "$1: all planned tests ran" "$import_seen" \
		"${import_plan:-no plan}"
}

tap_end()
{
	echo "1..$TAP_NUMBER"
	[ "$TAP_NUMBER" -gt 0 ] && [ "$TAP_FAILED" -eq 0 ]
}
