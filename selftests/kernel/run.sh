#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# All tests of hoardk that run in the kernel, in the guest, in one boot: a TAP
# stream on stdout, exit status 1 if any test failed.
#
#	run.sh [--steps N] [PART...]	default: all parts, in the order of PARTS
#	run.sh [--steps N] but PART...	all the others
#
# N (default 2000) is the length of the longest random sequence, SEED in the
# environment where they start.  The files beside this one are in $TESTS, the
# modules in $MODULES.
set -u

TESTS=${TESTS:-/files/kernel}
SEED=${SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}
STEPS=2000
PARTS='control parameters debugfs reports bound default policies slack hotplug lifecycle checked'

for file in tap load control parameters debugfs reports policies hotplug \
	    lifecycle checked; do
	# shellcheck source=/dev/null
	. "$TESTS/$file.sh"
done

# is_among WORD WORD...: is the first one of the others?
is_among()
{
	word=$1
	shift
	case " $* " in
	*" $word "*)	;;
	*)		return 1 ;;
	esac
}

# Those of PARTS that are not named, and, to be complained of, what is no part.
# shellcheck disable=SC2086 # words
all_but()
{
	for part in $PARTS; do
		is_among "$part" "$@" || printf '%s ' "$part"
	done
	for part; do
		is_among "$part" $PARTS || printf '%s ' "$part"
	done
}

if [ "${1-}" = --steps ]; then
	# shellcheck disable=SC2034 # the parts use it
	STEPS=$2
	shift 2
fi
# shellcheck disable=SC2046,SC2086 # words
case ${1-} in
'')	set -- $PARTS ;;
but)	shift
	set -- $(all_but "$@") ;;
esac
# shellcheck disable=SC2086 # words
for part; do
	if is_among "$part" $PARTS; then
		note "$part: from $(cut -d . -f 1 /proc/uptime) s on"
		"part_$part"
	else
		not_ok "no part '$part'; there are: $PARTS"
	fi
done
tap_end
