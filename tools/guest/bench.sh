# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# In the guest of tools/bench: one run of hoardk_bench under a policy, and what came
# of it, with the name of each file before it.
#
# usage: bench.sh POLICY PARAMETER...
set -e
policy=$1
shift
insmod /modules/hoardk.ko "policy=$policy"
insmod /modules/hoardk_bench.ko "$@"
cd /sys/kernel/debug/hoardk_bench
for file in *; do
	echo "file $file"
	cat "$file"
done
sed -n 's/^blowup_bound /bound /p' /sys/kernel/debug/hoardk/stats
cd /
rmmod hoardk_bench
