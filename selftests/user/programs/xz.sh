# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# xz with threads: the file must be the same, and unpack to what it was.
program 100 xz=xz-utils

work()
{
	random_lines "$(size 150000 40000)" 11 >lines
	under "$1" xz -T4 -2 --block-size=512KiB -k lines
	under "$1" xz -T4 -d -c lines.xz | cmp - lines
	mv lines.xz results/
}
