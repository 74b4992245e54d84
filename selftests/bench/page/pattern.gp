# SPDX-License-Identifier: GPL-2.0
#
# Instructions by pattern, by those of the best other allocator; see common.gp.

call system("dirname ".ARG0)."/common.gp" ARG1 ARG2
set terminal svg size 900,640 font "DejaVu Sans,13" background "white"
set output dir."/pattern.svg"
set title "Instructions by those of the best of SLUB, Linux ".kernel." (less is better)"
data = rows("instructions", "$2 == \"hoard\" && $4 !~ /by (size|number)|checks/").\
	" | awk -F '\t' '{ w = $4 ($5 ? \", \" $5 : \"\") }".\
	" !(w in n) { n[w] = ++k; name[k] = w }".\
	" $6 == \"hoardk\" { ours[w] = $7; next }".\
	" !(w in best) || $7 + 0 < best[w] { best[w] = $7 + 0 }".\
	" END { for (i = 1; i <= k; i++) if (name[i] in best)".\
	" print name[i] \"\t\" ours[name[i]] / best[name[i]] }'"
set yrange [*:*] reverse
set xrange [0:2]
set style fill solid noborder
set boxwidth 0.6
unset key
set arrow from 1, graph 0 to 1, graph 1 nohead lc rgb "black" front
set xlabel "hoardk / best of kmalloc, kmem\\_cache"
set lmargin 38
plot data using (column(2) / 2):0:(column(2) / 2):(0.35):ytic(1) \
	with boxxyerror lc rgb "#d62728", \
	data using (column(2) + 0.02):0:(sprintf("%.2f", column(2))) \
	with labels left font ",11"
