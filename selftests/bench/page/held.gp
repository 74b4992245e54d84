# SPDX-License-Identifier: GPL-2.0
#
# A and U over time, under each policy; see common.gp.

call system("dirname ".ARG0)."/common.gp" ARG1 ARG2
set terminal svg size 900,860 font "DejaVu Sans,13" background "white"
set output dir."/held.svg"
set multiplot layout 2,1 title "Memory held, MiB, Linux ".kernel
set ylabel "MiB"
set yrange [0:*]
do for [work in "pipe chain"] {
	set title work eq "pipe" ? \
		"A producer and a consumer: 1,000 blocks of 256 bytes on their way" : \
		"Vyukov's chain: 50,000 blocks of 16 to 4,000 bytes, 16 stages"
	set xlabel work eq "pipe" ? "half rounds" : "operations"
	plot series("local", work, "hoardk") using 6:($8 / MIB) with lines lt 2 title "local", \
		series("ownership", work, "hoardk") using 6:($8 / MIB) with lines lt 3 title "ownership", \
		series("global", work, "hoardk") using 6:($8 / MIB) with lines lt 4 title "global", \
		series("hoard", work, "hoardk") using 6:($8 / MIB) with lines lt 1 title "hoard", \
		series("hoard", work, "kmalloc") using 6:($8 / MIB) with lines lt 5 title "kmalloc", \
		series("hoard", work, "hoardk") using 6:($7 / MIB) with lines lt 6 title "asked for"
}
unset multiplot
