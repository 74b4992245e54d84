# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# In the guest of tools/bench: hoardk_bench under one policy after the other, and
# what came of it: a line "run POLICY PARAMETER...", then of each file its name and
# what it holds, and the bound that hoardk prints.
#
# usage: bench.sh "POLICY PARAMETER..."...
set -e
# shellcheck source=tools/guest/lib.sh
. /files/lib.sh
bench=/sys/kernel/debug/hoardk_bench

for run; do
	policy=${run%% *}
	load hoardk "policy=$policy"
	load hoardk_bench "${run#* }"
	echo "run $run"
	for file in "$bench"/*; do
		echo "file ${file##*/}"
		cat "$file"
	done
	sed -n 's/^blowup_bound /bound /p' "$hoardk/stats"
	rmmod hoardk_bench
	unload_hoardk
done
