# SPDX-License-Identifier: GPL-2.0
#
# Internal fragmentation by size; see common.gp.

call system("dirname ".ARG0)."/common.gp" ARG1 ARG2
set output dir."/waste.svg"
set title "Bytes of a block beyond those asked for, percent"
set logscale x 2
set xrange [8:16384]
set yrange [0:55]
set xlabel "bytes asked for"
set ylabel "percent of the block"
power(n) = 2 ** ceil(log(n) / log(2) - 1e-9)
data = rows("waste", "1")
plot data using 2:(100 * (power($2) - $2) / power($2)) with lines lt 6 title "powers of two", \
	data using 2:(100 * ($4 - $2) / $4) with lines lt 5 title "kmalloc", \
	data using 2:(100 * ($3 - $2) / $3) with lines lt 1 title "hoardk"
