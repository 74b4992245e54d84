# SPDX-License-Identifier: GPL-2.0
#
# What is wrong with a kernel's instructions.tsv, if anything is, a line each: of the
# works below every allocator has a figure and a count of locked instructions, and
# hoardk none locked at all and at most half of the best of SLUB.  That locked ones are
# seen is told by kmalloc, which has some where a burst is longer than its slabs.

BEGIN {
	FS = "\t"
	small = "kmalloc kmem_cache"
	wanted["pair of 64 bytes, constant size"] = small
	wanted["burst of 64, constant size"] = small
	wanted["burst of 256, constant size"] = small
	wanted["pair of 64 bytes, variable size"] = small
	wanted["burst of 64, then 64 frees"] = small
	wanted["bulk by number, 64"] = "kmem_cache"
}

{ work = $4 ($5 ? ", " $5 : "") }
!(work in wanted) { next }

$7 <= 0 { print work ": " $6 " has no figure" }
$8 == "" { print work ": locked ones of " $6 " are not counted" }
$6 == "hoardk" && $8 + 0 != 0 { print work ": " $8 " locked instructions" }
{ locked[work, $6] = $8 }
{ took[work, $6] = $7 }
$6 != "hoardk" && (!(work in best) || $7 < best[work]) { best[work] = $7 }

# The allocator @who did the work.
function expect(work, who)
{
	if (!((work, who) in took))
		print work ": nothing of " who
}

END {
	for (work in wanted) {
		n = split("hoardk " wanted[work], names, " ")
		for (i = 1; i <= n; i++)
			expect(work, names[i])
		if (2 * took[work, "hoardk"] > best[work])
			print work ": " took[work, "hoardk"] \
				" is more than half of " best[work]
	}
	work = "burst of 256, constant size"
	if (locked[work, "kmalloc"] + 0 <= 0)
		print work ": no locked instruction of kmalloc is seen"
}
