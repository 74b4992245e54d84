# SPDX-License-Identifier: GPL-2.0
#
# Instructions by size, of pairs and of bursts; see common.gp.

call system("dirname ".ARG0)."/common.gp" ARG1 ARG2
set output dir."/size.svg"
set multiplot layout 1,2 title "Instructions of an allocation and its free, Linux ".kernel
set logscale x 2
set logscale y 10
set xrange [8:262144]
set yrange [40:10000]
set xlabel "bytes"
set xtics ("8" 8, "64" 64, "512" 512, "4Ki" 4096, "32Ki" 32768, "256Ki" 262144)
do for [work in "'pair by size' 'burst of 64 by size'"] {
	set title work
	plot instructions(work, "hoardk") using 5:7 with linespoints lt 1 title "hoardk", \
		instructions(work, "kmalloc") using 5:7 with linespoints lt 2 title "kmalloc", \
		instructions(work, "kmem_cache") using 5:7 with linespoints lt 3 title "kmem\\_cache", \
		instructions(work, "pages") using 5:7 with linespoints lt 5 title "pages"
}
unset multiplot
