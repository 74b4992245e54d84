# SPDX-License-Identifier: GPL-2.0
#
# A console in which each report of KCSAN that is no matter of hoardk's is one
# line, "races of its own: F / G".
#
# A report shows one access, or two, each with its stack.  It is hoardk's if one
# of them is by a module, all of which are hoardk's here, or by a function that a
# module calls.  Further down any stack may have a module: below the scheduler,
# the page allocator, or an interrupt.  A report that does not end is left alone,
# and so is what else comes in the middle of one.

function let_out(all,    i)
{
	for (i = 1; i <= n; i++)
		if (all || !part[i])
			print held[i]
	n = 0
}

function hold(is_part)
{
	held[++n] = $0
	part[n] = is_part
}

# An access, a frame, and the other lines that a report has.
function looks(text)
{
	if (text ~ / to 0x[0-9a-f]+ of [0-9]+ bytes by .*:$/) {
		stacks++
		depth = 0
		return 1
	}
	if (text ~ /^ [^ ].*\+0x[0-9a-f]+\/0x[0-9a-f]+/ && ++depth <= 2)
		ours += text ~ / \[hoardk[a-z_]*\]$/
	return text ~ /^ / || text ~ /^$/ ||
	       text ~ /^(value changed|CPU|Tainted|Hardware name): / ||
	       text ~ /^Reported by /
}

{
	text = $0
	sub(/^\[[^]]*\]( *\[[^]]*\])? ?/, "", text)
}

text ~ /^===================*$/ {
	hold(1)
	if (n == 1)
		stacks = ours = 0
	else {
		if (stacks && !ours)
			print "races of its own: " who
		let_out(!stacks || ours)
	}
	next
}

n == 1 {
	who = text
	if (sub(/^BUG: KCSAN: .* in /, "", who)) {
		hold(1)
		next
	}
	let_out(1)
}

n {
	hold(looks(text))
	next
}

{ print }

END { let_out(1) }
