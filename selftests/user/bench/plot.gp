# SPDX-License-Identifier: GPL-2.0
#
# Grouped bars on a logarithmic scale, from 1 up or down, with the least and
# the most of the runs as a line; data from summary.awk.
#
# gnuplot -c plot.gp svg|png time|held DATA OUTPUT

format = ARG1
value = ARG2
data = ARG3
header = system("head -n 1 ".data)
n = (words(header) - 1) / 3
rows = int(system("tail -n +2 ".data." | wc -l"))

width = 240 + rows * 110
if (format eq "svg") {
	set terminal svg size width,620 font "DejaVu Sans,13" background "white"
} else {
	set terminal pngcairo size width,620 font "DejaVu Sans,11"
}
set output ARG4
set datafile missing "?"

name(i) = word(header, 2 + 3 * i)
median(i) = 2 + 3 * i
least(i) = 3 + 3 * i
most(i) = 4 + 3 * i
bar = 0.86 / n
x(row, i) = row - 0.43 + bar * (i + 0.5)

# The number at a bar's far end, above or below it; none on one of height 0.
short(v) = sprintf(v < 9.995 ? "%.2f" : v < 99.95 ? "%.1f" : "%.0f", v)
label_up(i) = column(median(i)) > 1 ? short(column(median(i))) : ""
label_down(i) = column(median(i)) < 1 ? short(column(median(i))) : ""

low = 1
high = 1
do for [i = 0:n - 1] {
	stats data skip 1 using least(i) name "least" nooutput
	stats data skip 1 using most(i) name "most" nooutput
	if (exists("least_min") && least_records > 0) {
		low = least_min < low ? least_min : low
		high = most_max > high ? most_max : high
	}
}
# Room for the numbers: a share of the whole range.
room = (high / low) ** 0.12 * 1.05
set logscale y 2
set yrange [(low < 0.98 ? low / room : 0.97):high * room]
set xrange [-0.6:rows - 0.4]

if (value eq "time") {
	set title "Time of an operation relative to ".name(0). \
		" (less is better; in the grey band: a tie)" font ",14"
	set object rectangle from graph 0, first 0.8 to graph 1, first 1.25 \
		behind fillcolor rgb "#eeeeee" fillstyle solid noborder
} else {
	set title "A/U: memory held by memory live, at their peaks" \
		." (less is better)" font ",14"
}
set key outside bottom center horizontal samplen 1.5 reverse Left
set border 2
set grid ytics lc rgb "#dddddd" lt 1
set ytics nomirror
set xtics nomirror scale 0 offset 0,0.3
set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb "black" front
do for [row = 1:rows - 1] {
	set arrow from row - 0.5, graph 0 to row - 0.5, graph 1 nohead \
		lc rgb "#eeeeee" back
}
set style fill solid noborder

array colour[7] = ["#7f7f7f", "#e69f00", "#56b4e9", "#cc79a7", "#d62728", \
		   "#009e73", "#000000"]
rgb(i) = colour[i < 6 ? i + 1 : 7]

plot for [i = 0:n - 1] data skip 1 \
		using (x($0, i)):(1):(x($0, i) - bar * 0.46): \
		      (x($0, i) + bar * 0.46):(1):median(i) \
		with boxxyerror lc rgb rgb(i) title name(i), \
	for [i = 0:n - 1] data skip 1 \
		using (x($0, i)):least(i):(0): \
		      (column(most(i)) - column(least(i))) \
		with vectors nohead lc rgb "#303030" notitle, \
	for [i = 0:n - 1] data skip 1 \
		using (x($0, i)):(column(most(i)) * room ** 0.1): \
		      (label_up(i)) \
		with labels rotate by 90 left font ",9" notitle, \
	for [i = 0:n - 1] data skip 1 \
		using (x($0, i)):(column(least(i)) / room ** 0.1): \
		      (label_down(i)) \
		with labels rotate by 90 right font ",9" notitle, \
	data skip 1 using 0:(1):xtic(1) with dots lc rgb "black" notitle
