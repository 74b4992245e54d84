# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# sort with threads, in memory and through files.
program 100 sort=coreutils

work()
{
	random_lines "$(size 500000 200000)" 7 >lines
	export LC_ALL=C
	under "$1" sort --parallel=4 -S 64M lines >sorted
	under "$1" sort --parallel=4 -S 4M --batch-size=4 -T tmp \
		-k2,2n -k4,4nr lines >sorted2
	under "$1" sort --parallel=2 -S 4M -T tmp -u -k2,2 lines >results/unique
	under "$1" shuf -n 1000 --random-source=lines lines >results/shuffled
	sha256sum sorted sorted2 >results/sums
}
