# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# stress-ng's stressors of malloc, which check what they have written, so many
# operations of each.
program 100 stress-ng=stress-ng

# stress LIB NAME OPERATIONS OPTION...
stress()
{
	local lib=$1 name=$2 ops=$3

	shift 3
	under "$lib" stress-ng --"$name" 2 --"$name-ops" "$ops" "$@" \
		--verify --no-rand-seed --timeout 0 --temp-path tmp \
		--log-file "log.$name" >/dev/null
	grep 'successful run completed' "log.$name" |
		sed "s/.*successful.*/$name: successful/" >>results/done
	! grep -i 'fail:' "log.$name"
}

work()
{
	stress "$1" malloc "$(size 200000 50000)" --malloc-pthreads 3 \
		--malloc-max 2000 --malloc-bytes 20K --malloc-touch
	stress "$1" malloc "$(size 40000 10000)" --malloc-max 200 \
		--malloc-bytes 1M --malloc-zerofree
	stress "$1" bigheap "$(size 200 100)" --bigheap-growth 256K
	stress "$1" tree "$(size 8 2)" --tree-size 20000
	stress "$1" tsearch "$(size 8 2)"
	stress "$1" skiplist "$(size 2000 500)"
	stress "$1" hsearch "$(size 1000 200)"
}
