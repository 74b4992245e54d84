#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tests (TAP) of tools/tapsum: what may not be taken for success.
set -eu
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tools/tap.sh
. "$TOP/tools/tap.sh"

mkdir -p "$OUT/tmp"
work=$(mktemp "$OUT/tmp/tapsum.XXXXXX")
trap 'rm -f "$work"' EXIT

# sums NAME STATUS TAP WANTED: WANTED is tapsum's output, ";" between lines.
sums()
{
	local got

	printf '%b' "$3" >"$work"
	got=$("$TOP/tools/tapsum" L "$2" "$work" | paste -s -d ';')
	is "$1" "$got" "$4"
}

sums "a pass" 0 '1..1\nok 1 - a\n' "pass L: a"
sums "plan at the end" 0 'ok 1 - a\nok 2 b\n1..2\n' "pass L: a;pass L: b"
sums "a failure" 1 '1..2\nok 1 a\nnot ok 2 - b\n' "pass L: a;fail L: b"
sums "a skip" 0 '1..1\nok 1 - a # SKIP no NMI\n' "skip L: a # SKIP no NMI"
sums "all skipped" 0 '1..0 # SKIP why\n' "skip L: all # SKIP why"
sums "nested results do not count" 0 '1..1\n    not ok 1 x\nok 1 - a\n' \
	"pass L: a"
sums "carriage returns" 0 '1..1\r\nok 1 - a\r\n' "pass L: a"
sums "nothing at all" 0 '' "fail L: no plan"
sums "an empty plan" 0 '1..0\n' "fail L: no results"
sums "no plan" 0 'ok 1 - a\n' "pass L: a;fail L: no plan"
sums "a result is missing" 0 '1..2\nok 1 - a\n' \
	"pass L: a;fail L: 1 results where 2 were planned"
sums "one too many" 0 '1..1\nok 1 - a\nok 2 - b\n' \
	"pass L: a;pass L: b;fail L: 2 results where 1 were planned"
sums "a number twice" 0 '1..2\nok 1 - a\nok 1 - b\n' \
	"pass L: a;pass L: b;fail L: result 2 is out of order"
sums "two plans" 0 '1..1\nok 1 - a\n1..1\n' "pass L: a;fail L: 2 plans"
sums "a status nobody explains" 124 '1..1\nok 1 - a\n' \
	"pass L: a;fail L: ended with status 124"
sums "a status that hides a failure" 0 '1..1\nnot ok 1 - a\n' \
	"fail L: a;fail L: ended with status 0 in spite of failures"
sums "bail out" 1 '1..1\nok 1 a\nBail out! no memory\n' \
	"pass L: a;fail L: Bail out! no memory"
tap_done
