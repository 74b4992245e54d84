# SPDX-License-Identifier: GPL-2.0
#
# What the plots share.  Each is run as gnuplot -c PLOT.gp DIR KERNEL, and reads
# DIR/*.tsv and writes DIR/PLOT.svg.

dir = ARG1
kernel = ARG2
set terminal svg size 900,520 font "DejaVu Sans,13" background "white"
set datafile separator "\t"
set key outside bottom center horizontal samplen 2 reverse Left
set border 3
set grid lc rgb "#dddddd" lt 1
set tics nomirror
set linetype 1 lc rgb "#d62728" lw 2.5 pt 7 ps 0.6
set linetype 2 lc rgb "#56b4e9" lw 2 pt 5 ps 0.6
set linetype 3 lc rgb "#e69f00" lw 2 pt 9 ps 0.7
set linetype 4 lc rgb "#009e73" lw 2 pt 13 ps 0.7
set linetype 5 lc rgb "#cc79a7" lw 2 pt 4 ps 0.6
set linetype 6 lc rgb "#333333" lw 1.5 dt 2

# The rows of a table in which the named columns, from the second on, hold that.
rows(file, condition) = sprintf( \
	"< awk -F '\t' '$1 == \"%s\" && %s' '%s/%s.tsv'", \
	kernel, condition, dir, file)
instructions(work, who) = rows("instructions", sprintf( \
	"$2 == \"hoard\" && $4 == \"%s\" && $6 == \"%s\"", work, who))
series(policy, work, who) = rows("memory", sprintf( \
	"$2 == \"%s\" && $3 == \"%s\" && $5 == \"%s\"", policy, work, who))
peaks(policy, who) = rows("peaks", sprintf( \
	"$2 == \"%s\" && $3 == \"turns\" && $5 == \"%s\"", policy, who))
MIB = 1048576.0
