# SPDX-License-Identifier: GPL-2.0
#
# What the adversary of segregated fits makes an allocator hold; see common.gp.

call system("dirname ".ARG0)."/common.gp" ARG1 ARG2
set output dir."/robson.svg"
set title "Held / the most that is ever live (8 MiB), after k sizes, Linux ".kernel
set xlabel "k: sizes 16, 32, ..., 16 * 2^{k-1}"
set yrange [0:*]
set xtics 1
plot series("hoard", "robson", "hoardk") using 6:($8 / (8 * MIB)) with linespoints lt 1 title "hoardk", \
	series("hoard", "robson", "kmalloc") using 6:($8 / (8 * MIB)) with linespoints lt 5 title "kmalloc", \
	series("hoard", "robson", "hoardk") using 6:6 with lines lt 6 title "k: nothing is ever used for another size"
