# SPDX-License-Identifier: GPL-2.0
#
# Tables and plot data from results.csv: run with -F , and
#	value=time|cpu|held|rss	ns an operation, by the clock and by the CPU;
#				A/U; peak resident MiB
#	plot=1			data for plot.gp instead of Markdown
#
# Plot data: a line of names, then for each benchmark its name and for each
# allocator median, least and most; times by the median of the first one.

BEGIN { TIE = 1.25 }

NR == 1 {
	for (i = 1; i <= NF; i++)
		column[$i] = i
	next
}

function figure()
{
	if (value == "time")
		return $column["ns_per_op"]
	if (value == "cpu")
		return $column["cpu_ns_per_op"]
	if (value == "rss")
		return $column["peak_rss_bytes"] / 1048576
	return $column["held_per_live"]
}

function note(benchmark, allocator, x,		key, i)
{
	if (!(benchmark in benchmarks)) {
		benchmarks[benchmark]
		benchmark_of[++rows] = benchmark
	}
	if (!(allocator in allocators)) {
		allocators[allocator]
		allocator_of[++columns] = allocator
	}
	if (x == "")
		return
	x += 0
	# Kept sorted.
	key = benchmark SUBSEP allocator
	for (i = ++count[key]; i > 1 && run[key, i - 1] > x; i--)
		run[key, i] = run[key, i - 1]
	run[key, i] = x
}

{ note($column["benchmark"], $column["allocator"], figure()) }

function median(key,		n)
{
	n = count[key]
	if (n % 2)
		return run[key, (n + 1) / 2]
	return (run[key, n / 2] + run[key, n / 2 + 1]) / 2
}

function least(key) { return run[key, 1] }
function most(key) { return run[key, count[key]] }

# The least median of a row, but for that of one allocator; 0 if there is none.
function best_but(benchmark, but,	i, key, best)
{
	for (i = 1; i <= columns; i++) {
		key = benchmark SUBSEP allocator_of[i]
		if (allocator_of[i] != but && count[key] &&
		    (!best || median(key) < best))
			best = median(key)
	}
	return best
}

# Three digits, or as many as the number has.
function short(x)
{
	return sprintf(x < 9.995 ? "%.2f" : x < 99.95 ? "%.1f" : "%.0f", x)
}

function cell(key, best,		text)
{
	if (!count[key])
		return "–"
	text = short(median(key))
	if (median(key) == best)
		text = "**" text "**"
	else if (median(key) < best * TIE)
		text = text " ="
	if (count[key] > 1)
		text = text " (" short(least(key)) "–" short(most(key)) ")"
	return text
}

function verdict(benchmark,		key, others)
{
	key = benchmark SUBSEP "hoardk"
	others = best_but(benchmark, "hoardk")
	if (!count[key] || !others)
		return "–"
	if (median(key) * TIE <= others)
		return "ahead"
	return median(key) < others * TIE ? "tie" : "behind"
}

function table(		i, j, line, rule, best, said, times)
{
	line = "| benchmark |"
	rule = "|---|"
	for (j = 1; j <= columns; j++) {
		line = line " " allocator_of[j] " |"
		rule = rule "---:|"
	}
	print line " hoardk is |"
	print rule "---|"
	for (i = 1; i <= rows; i++) {
		best = best_but(benchmark_of[i], "")
		if (!best)
			continue
		line = "| " benchmark_of[i] " |"
		for (j = 1; j <= columns; j++)
			line = line " " cell(benchmark_of[i] SUBSEP \
					     allocator_of[j], best) " |"
		said = verdict(benchmark_of[i])
		times[said]++
		print line " " said " |"
	}
	if ("hoardk" in allocators)
		printf "\nhoardk is ahead in %d, ties in %d, is behind in %d.\n",
		       times["ahead"], times["tie"], times["behind"]
}

function data(		i, j, key, unit)
{
	printf "benchmark"
	for (j = 1; j <= columns; j++)
		printf " %s - -", allocator_of[j]
	print ""
	for (i = 1; i <= rows; i++) {
		if (!best_but(benchmark_of[i], ""))
			continue
		key = benchmark_of[i] SUBSEP allocator_of[1]
		unit = value == "time" && count[key] ? median(key) : 1
		printf "%s", benchmark_of[i]
		for (j = 1; j <= columns; j++) {
			key = benchmark_of[i] SUBSEP allocator_of[j]
			if (count[key])
				printf " %.4f %.4f %.4f", median(key) / unit,
				       least(key) / unit, most(key) / unit
			else
				printf " ? ? ?"
		}
		print ""
	}
}

END {
	if (plot)
		data()
	else
		table()
}
