# SPDX-License-Identifier: GPL-2.0
#
# Blowup by the number of CPUs that take turns, and its bound; see common.gp.

call system("dirname ".ARG0)."/common.gp" ARG1 ARG2
set output dir."/blowup.svg"
set title "Peak held / peak asked for, P CPUs in turns, Linux ".kernel
set logscale x 2
set logscale y 2
set xrange [1:16]
set yrange [0.9:24]
set xlabel "P"
plot peaks("local", "hoardk") using 4:($7 / $6) with linespoints lt 2 title "local", \
	peaks("ownership", "hoardk") using 4:($7 / $6) with linespoints lt 3 title "ownership", \
	peaks("global", "hoardk") using 4:($7 / $6) with linespoints lt 4 title "global", \
	peaks("hoard", "hoardk") using 4:($7 / $6) with linespoints lt 1 title "hoard", \
	peaks("hoard", "kmalloc") using 4:($7 / $6) with linespoints lt 5 title "kmalloc", \
	peaks("hoard", "hoardk") using 4:8 with linespoints lt 6 title "bound that hoard prints, for the 16 CPUs of the VM"
