# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# In the guest of tools/bounded: all that hoardk_bounded measures.
#
# usage: bounded.sh FEW MANY
#
# FEW and MANY are how many superblocks an operation finds.
set -e
debug=/sys/kernel/debug
bounded=$debug/hoardk_bounded
classes="${4:-8 32 512}"

try()
{
	echo "$*" >"$bounded/do" || {
		echo "failed: $*" >&2
		exit 1
	}
}

insmod /modules/hoardk_sections.ko
insmod /modules/hoardk.ko
insmod /modules/hoardk_bounded.ko
# The kernel's own start-up work is not ours.
sleep 1
for n in "$1" "$2"; do
	for size in $classes; do
		for name in $3; do
			try run "$name" "$size" "$n"
		done
	done
done
cat "$bounded/results"
rmmod hoardk_bounded
