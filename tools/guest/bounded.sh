# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# In the guest of tools/bounded: all that hoardk_bounded measures.
#
# usage: bounded.sh PARAMETERS SIZE:SUPERBLOCKS...
#
# PARAMETERS are hoardk's, or "".
set -e
debug=/sys/kernel/debug
bounded=$debug/hoardk_bounded
other_cpu=/sys/devices/system/cpu/cpu1/online
operations="alloc alloc-from-global alloc-drains alloc-drains-few alloc-forwards
free free-scattered free-remote free-remote-scattered free-remote-global
free-general bulk bulk-dense large double-free kick kick-few kick-forwards sweep
sweep-global detach detach-pending detach-pending-few give-back give-back-global
destroy destroy-global destroy-pending verify verify-global"

try()
{
	echo "$*" >"$bounded/do" || {
		echo "failed: $*" >&2
		exit 1
	}
}

# What is done from outside: reading the files, reclaim, a CPU that goes down.
outside()
{
	local file

	echo 1 >$other_cpu
	try open "$1" "$2" 1
	for file in stats summary classes cpus heaps live; do
		try measure
		cat "$debug/hoardk/$file" >/dev/null
		try end "read-$file"
	done
	try measure
	echo 0 >$other_cpu
	try end cpu-down
	try empty
	try measure
	echo 2 >/proc/sys/vm/drop_caches
	try end shrinker
	try close
}

insmod /modules/hoardk_sections.ko
# shellcheck disable=SC2086 # words
insmod /modules/hoardk.ko $1
insmod /modules/hoardk_bounded.ko
shift
# The kernel's own start-up work is not ours; nor is what another CPU does, whose
# instructions the same clock counts.
sleep 1
echo 0 >$other_cpu
try run empty 8 1
for work; do
	size=${work%:*}
	superblocks=${work#*:}
	try run control "$size" "$superblocks"
	for name in $operations; do
		try run "$name" "$size" "$superblocks"
	done
	outside "$size" "$superblocks"
done
cat "$bounded/results"
rmmod hoardk_bounded
