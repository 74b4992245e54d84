# SPDX-License-Identifier: GPL-2.0
#
# What is held when a load goes; see common.gp.

call system("dirname ".ARG0)."/common.gp" ARG1 ARG2
set output dir."/shrink.svg"
set title "100,000 blocks; then one in 64; then none: memory held, Linux ".kernel
set xlabel "milliseconds"
set ylabel "MiB"
set yrange [0:*]
plot series("hoard", "shrink", "hoardk") using 6:($8 / MIB) with linespoints lt 1 title "hoardk", \
	series("hoard", "shrink", "kmalloc") using 6:($8 / MIB) with linespoints lt 5 title "kmalloc", \
	series("hoard", "shrink", "hoardk") using 6:($7 / MIB) with lines lt 6 title "asked for"
