# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# In the guest of tools/bench: what hoardk_bench measures, bench.sh WORK: of that
# what has WORK in its name.
set -e
insmod /modules/hoardk.ko
insmod /modules/hoardk_bench.ko "only=$1"
cat /sys/kernel/debug/hoardk_bench/results
rmmod hoardk_bench
