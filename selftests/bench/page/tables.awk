# SPDX-License-Identifier: GPL-2.0
#
# Tables to read, from the tables that gather.awk makes; any of instructions, peaks,
# lines and reuse, told by the names of their columns.  In Markdown, with -v format=rst
# for docutils, with -v format=tsv bare rows of what has a ratio; -v kernel=6.12 and
# -v policy=hoard: these alone; -v only=REGEX: works; -v across=1: the policies side by
# side, a column each.

BEGIN { FS = "\t" }

FNR == 1 {
	finish()
	kind = $0 ~ /instructions/ ? "instructions" : \
	       $0 ~ /bound/ ? "peaks" : $0 ~ /live/ ? "reuse" : "lines"
	next
}

kernel != "" && $1 != kernel { next }
kind != "reuse" && policy != "" && $2 != policy { next }
kind ~ /^(instructions|peaks)$/ && only != "" && (kind == "peaks" ? $3 : $4) !~ only { next }

function mib(bytes) { return sprintf("%.1f", bytes / 1048576) }

# With few digits where there are many, and nothing is 0.
function short(number)
{
	return number + 0 >= 1000 ? sprintf("%.0f", number) : number
}

function locked_of(number)
{
	return number == "" ? "" : number + 0 == 0 ? " (0)" : \
	       sprintf(number + 0 < 10 ? " (%.2f)" : " (%.1f)", number)
}

# The cells of a row, parted by "|".
function row(cells)
{
	if (format == "tsv") {
		gsub(/\|/, "\t", cells)
		print cells
		return
	}
	if (format == "rst") {
		gsub(/"/, "\"\"", cells)
		gsub(/\|/, "\",\"", cells)
		print "   \"" cells "\""
		return
	}
	gsub(/\|/, " | ", cells)
	print "| " cells " |"
}

function head(title, cells,	dashes)
{
	if (format == "tsv")
		return
	if (format == "rst") {
		print "\n.. csv-table:: " title "\n   :header-rows: 1\n"
		row(cells)
		return
	}
	print "\n" title "\n"
	row(cells)
	dashes = cells
	gsub(/[^|]+/, "---", dashes)
	row(dashes)
}

# Each kernel and policy has a table; works as they come.
kind == "instructions" {
	table = "Linux " $1 ", policy " $2
	if (!(table in tables)) {
		tables[table]
		table_of[++nr_tables] = table
		kernel_of[table] = $1
		policy_of[table] = $2
	}
	work = $4 ($5 ? ", " $5 : "")
	if (!((table, work) in works)) {
		works[table, work]
		work_of[table, ++nr_works[table]] = work
	}
	count = locked_of($8)
	if ($6 == "hoardk") {
		ours[table, work] = $7
		ours_locked[table, work] = count
		next
	}
	theirs[table, work] = theirs[table, work] \
		(theirs[table, work] ? ", " : "") $6 " " short($7) count
	# Pages and a mempool are no allocator of small blocks in general.
	if ($6 ~ /^(kmalloc|kmem_cache)$/ &&
	    (!((table, work) in best) || $7 + 0 < best[table, work]))
		best[table, work] = $7 + 0
}

function is_cold(work) { return work ~ /^superblock / }

function show_work(table, work,	ratio)
{
	if (!((table, work) in ours))
		return
	if ((table, work) in best)
		ratio = sprintf("%.2f", ours[table, work] / best[table, work])
	else if (format == "tsv")
		return
	row(work "|" short(ours[table, work]) ours_locked[table, work] "|" ratio "|" \
	    theirs[table, work])
}

# The works of a table that are @cold, or that are not; a head only if there are any.
function show_table(table, cold, of_what,	i, shown)
{
	for (i = 1; i <= nr_works[table]; i++) {
		if (is_cold(work_of[table, i]) != cold)
			continue
		if (!shown++)
			head(table ": instructions a " of_what \
			     ", in brackets locked ones", \
			     "work|hoardk|ratio|others")
		show_work(table, work_of[table, i])
	}
}

# The tables of a kernel, of which the first is that of policy hoard, as one.
function show_across(first, last,	t, i, work, cells)
{
	cells = "work"
	for (t = first; t <= last; t++)
		cells = cells "|" policy_of[table_of[t]]
	head("Linux " kernel_of[table_of[first]] \
	     ": instructions a pair, in brackets locked ones", cells "|best of SLUB")
	for (i = 1; i <= nr_works[table_of[first]]; i++) {
		work = work_of[table_of[first], i]
		if (!((table_of[first], work) in ours))
			continue
		cells = work
		for (t = first; t <= last; t++)
			cells = cells "|" short(ours[table_of[t], work]) \
				ours_locked[table_of[t], work]
		row(cells "|" short(best[table_of[first], work]))
	}
}

# The tables of a kernel stand together.
function show_policies(	first, last)
{
	for (first = 1; first <= nr_tables; first = last + 1) {
		last = first
		while (last < nr_tables &&
		       kernel_of[table_of[last + 1]] == kernel_of[table_of[first]])
			last++
		show_across(first, last)
	}
}

function show_instructions(	t)
{
	for (t = 1; t <= nr_tables; t++) {
		show_table(table_of[t], 0, "pair")
		show_table(table_of[t], 1, "superblock")
	}
}

kind == "peaks" {
	if (!shown_peaks++)
		head("Peaks: U asked for and live, A held, MiB", \
		     "kernel|work|CPUs|allocator|U|A|A/U|bound")
	# SLUB has no policies: once is enough.
	if ($5 == "hoardk" || $2 == "hoard")
		row($1 "|" $3 "|" $4 "|" ($5 == "hoardk" ? "hoardk, " $2 : $5) \
		    "|" mib($6) "|" mib($7) "|" sprintf("%.3f", $7 / $6) "|" \
		    ($5 == "hoardk" ? $8 : ""))
}

kind == "reuse" {
	if (!shown_reuse++)
		head("Cache lines handed out in 10,000 replacements of 64 bytes", \
		     "kernel|live blocks|allocator|lines")
	row($1 "|" $2 "|" $3 "|" $4)
}

# SLUB has no policies: once is enough.
kind == "lines" && ($4 == "hoardk" || $2 == "hoard") {
	if (!shown_lines++)
		head("Cache lines that have blocks of two CPUs", \
		     "kernel|pattern|allocator|of two|all")
	row($1 "|" $3 "|" ($4 == "hoardk" ? "hoardk, " $2 : $4) "|" $5 "|" $6)
}

# At the end of a kind of table.
function finish()
{
	if (kind == "instructions" && across)
		show_policies()
	else if (kind == "instructions")
		show_instructions()
}

END { finish() }
