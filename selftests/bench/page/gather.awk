# SPDX-License-Identifier: GPL-2.0
#
# What came out of the guest, as tables with a name at the head of each column:
#
#	awk -f gather.awk -v kernel=6.12 -v cpus=1 -v out=DIR [-v locked=FILE] RESULTS
#
# appends to DIR/{instructions,lines,reuse,waste,memory,peaks}.tsv.  @locked: a line for
# each run of a work, in their order: see tools/vm/locked.c.  It fails where works have
# no count of instructions, or other than a line each time they ran.

BEGIN { FS = OFS = "\t" }

function fail(why)
{
	print "gather.awk: " why >"/dev/stderr"
	exit failed = 1
}

# The least count of locked instructions of the i-th of n works; it may be of another
# round than the least of all instructions.
function least_locked(i, n,	k, least)
{
	least = ""
	for (k = i; k <= nr_locked; k += n)
		if (least == "" || locked_at[k] < least)
			least = locked_at[k]
	return least
}

function read_locked(	line)
{
	nr_locked = 0
	if (locked == "")
		return
	while ((getline line < locked) > 0)
		locked_at[++nr_locked] = line + 0
	if (!nr_locked || nr_locked % n)
		fail(nr_locked " counts of locked instructions for rounds of " n " works")
}

# A difference that rounds to nothing is 0, and not -0.00.
function rounded(format, number,	text)
{
	text = sprintf(format, number)
	return text + 0 ? text : sprintf(format, 0)
}

# The works of one run: by the pair, less what they take with nothing allocated.
function flush_works(	i, key, mine, count)
{
	if (!n)
		return
	if (clock != "instructions")
		fail("the clock counted " (clock ? clock : "nothing") ", not instructions")
	read_locked()
	for (i = 1; i <= n; i++) {
		key = work[i] SUBSEP arg[i]
		mine = least_locked(i, n)
		if (who[i] == "nothing") {
			base[key] = took[i]
			base_locked[key] = mine
			continue
		}
		count = mine == "" ? "" : \
			rounded("%.4f", (mine - base_locked[key]) / pairs[i])
		print kernel, policy, cpus, work[i], arg[i], who[i], \
			rounded("%.1f", (took[i] - base[key]) / pairs[i]), \
			count >> (out "/instructions.tsv")
	}
	n = 0
	clock = ""
	split("", base)
	split("", base_locked)
}

# The parameter @name of the run, or @otherwise.
function parameter(name, otherwise,	i, words, nr)
{
	nr = split(run, words, " ")
	for (i = 1; i <= nr; i++)
		if (index(words[i], name "=") == 1)
			return substr(words[i], length(name) + 2)
	return otherwise
}

# What it is called; with more blocks than usual, so many times.
function memory_work(	scale)
{
	scale = parameter("memory_scale", 1)
	return parameter("memory") (scale > 1 ? " x" scale : "")
}

# How many CPUs a work with memory uses: see shape.c.
function cpus_in(work)
{
	return work == "pipe" ? 2 : work ~ /^(shrink|robson)$/ ? 1 : \
	       parameter("memory_cpus", 4)
}

function flush_peaks(	i)
{
	for (i = 1; i <= nr_peaks; i++)
		print peak[i], bound >> (out "/peaks.tsv")
	nr_peaks = 0
}

/^run / {
	flush_works()
	flush_peaks()
	run = substr($0, 5)
	policy = run
	sub(/ .*/, "", policy)
	next
}
/^file / { file = substr($0, 6); next }
/^bound / { bound = substr($0, 7); next }

file == "clock" { clock = $0 }
file == "results" {
	n++
	work[n] = $1; arg[n] = $2; who[n] = $3; pairs[n] = $4; took[n] = $5
}
file == "lines" && cpus == 2 {
	print kernel, policy, $1, $2, $3, $4 >> (out "/lines.tsv")
}
# SLUB has no policies, and hoardk reuses by the same rule under each but global.
file == "reuse" && policy == "hoard" && cpus == 1 {
	print kernel, $1, $2, $3 >> (out "/reuse.tsv")
}
# The same in each run.
file == "waste" && policy == "hoard" && cpus == 1 {
	print kernel, $1, $2, $3 >> (out "/waste.tsv")
}
file == "memory" && $1 == "peak" {
	peak[++nr_peaks] = kernel OFS policy OFS memory_work() OFS \
		cpus_in(parameter("memory")) OFS $2 OFS $3 OFS $4
}
file == "memory" && $1 == "sample" {
	print kernel, policy, memory_work(), \
		cpus_in(parameter("memory")), $2, $3, $4, $5 >> (out "/memory.tsv")
}

END {
	if (failed)
		exit 1
	flush_works()
	flush_peaks()
}
