# SPDX-License-Identifier: GPL-2.0
#
# Instructions by pattern, by those of the best other allocator; see common.gp.

call system("dirname ".ARG0)."/common.gp" ARG1 ARG2
set terminal svg size 900,760 font "DejaVu Sans,13" background "white"
set output dir."/pattern.svg"
set title "Instructions by those of the best of SLUB, Linux ".kernel." (less is better)"
data = sprintf("< awk -f '%s/tables.awk' -v format=tsv -v kernel=%s -v policy=hoard".\
	" -v only='^(pair|burst) of .*(constant|variable|own cache|zeroed|frees|Pareto)".\
	"|number|CPU|replacement|realloc' '%s/instructions.tsv'", \
	system("dirname ".ARG0), kernel, dir)
set yrange [*:*] reverse
set xrange [0:2]
set style fill solid noborder
set boxwidth 0.6
unset key
set arrow from 1, graph 0 to 1, graph 1 nohead lc rgb "black" front
set xlabel "hoardk / best of kmalloc, kmem\\_cache"
set lmargin 38
plot data using (column(3) / 2):0:(column(3) / 2):(0.35):ytic(1) \
	with boxxyerror lc rgb "#d62728", \
	data using (column(3) + 0.02):0:(sprintf("%.2f", column(3))) \
	with labels left font ",11"
