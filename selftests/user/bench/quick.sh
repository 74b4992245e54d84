# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # the runner's variables
#
# What "run --quick" tests: every program with every allocator, that each
# notices a broken malloc, and the options.  Sourced by run.

quick_runs()
{
	local name command allocator wrong

	for allocator in "${!why_not[@]}"; do
		skip "$allocator" "${why_not[$allocator]}"
	done
	while read -r name command; do
		for allocator in "${allocators[@]}"; do
			# shellcheck disable=SC2086 # words
			if wrong=$(run_checked "${library[$allocator]}" \
					$command); then
				ok "$name on $allocator"
			else
				not_ok "$name on $allocator" "$wrong"
			fi
		done
	done < <(chosen quick)
}

# run_broken COMMAND...: until it is noticed.  Where a thread has one block at a
# time two must be on their way together, which a busy machine puts off.
run_broken()
{
	local status

	for _ in {1..20}; do
		status=0
		run_program "$BENCH/broken.so" "$@" \
			>"$work/figures" 2>"$work/errors" || status=$?
		[ "$status" = 0 ] || break
	done
	return "$status"
}

# Every program that allocates must notice a block handed out twice.
quick_controls()
{
	local name command status

	while read -r name command; do
		[ "$name" != ring-alone ] || continue
		status=0
		# shellcheck disable=SC2086 # words
		run_broken $command || status=$?
		if [ "$status" = 1 ] && [ -s "$work/errors" ]; then
			ok "control: $name on a broken malloc"
		else
			not_ok "control: $name on a broken malloc" \
				"status $status: $(cat "$work/errors")"
		fi
	done < <(chosen quick)
	if run_checked /nonexistent/malloc.so larson --ops 1000 \
			>/dev/null; then
		not_ok "control: a library that cannot be loaded"
	else
		ok "control: a library that cannot be loaded"
	fi
}

# refuses TEXT ARGUMENTS...: larson names the mistake and ends with status 2.
refuses()
{
	local text=$1 status=0

	shift
	"$BENCH/larson" "$@" >"$work/figures" 2>"$work/errors" || status=$?
	if [ "$status" = 2 ] && [ ! -s "$work/figures" ] &&
	   grep -qF -e "$text" "$work/errors"; then
		ok "refused: $*"
	else
		not_ok "refused: $*" "status $status: $(cat "$work/errors")"
	fi
}

quick_options()
{
	local program same

	refuses "no option '--speed'" --speed 9
	refuses "'none' is not a number from 1 to 256" --threads none
	refuses "'0' is not a number" --threads=0
	refuses "'99999999999999999999999' is not a number" \
		--seed 99999999999999999999999
	refuses "--ops needs a number" --ops
	refuses "--min is more than --max" --min 9 --max 8
	refuses "'fast' is no option" fast
	for program in $(programs); do
		if "$BENCH/$program" --help | grep -q -- '--threads .*N '; then
			ok "$program --help"
		else
			not_ok "$program --help"
		fi
	done
	same=$(for seed in 1 1 2; do
		"$BENCH/chain" --stages 2 --blocks 999 --seed "$seed" |
			grep '^peak_live'
	done | uniq -c | awk '{ print $1 }' | paste -s -d ' ')
	is "the seed decides" "$same" "2 1"
}
