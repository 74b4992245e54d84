# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# In the guest of tools/bench: all that hoardk_bench measures.
set -e
insmod /modules/hoardk.ko
insmod /modules/hoardk_bench.ko
cat /sys/kernel/debug/hoardk_bench/results
rmmod hoardk_bench
