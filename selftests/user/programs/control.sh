# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the variables are those of run
#
# The controls: libraries that are broken, do not show that they were used or
# are none must make the same tests fail.  The library given plays no part.

# build NAME FLAG...: broken.c as NAME.so.
build()
{
	local name=$1

	shift
	gcc -O2 -shared -fPIC "$@" "$here/broken.c" -o "$scratch/$name.so"
}

# says NAME WANTED SAID: WANTED is a pattern; an empty one is for silence.
says()
{
	if [ -z "$2$3" ] || { [ -n "$2" ] && grep -qE -e "$2" <<<"$3"; }; then
		ok "control: $1"
	else
		not_ok "control: $1" "wanted: $2"$'\n'"said: $3"
	fi
}

# work_says NAME LIB WANTED WHAT
work_says()
{
	folder=$scratch/control-$1
	rm -rf "$folder/library"
	mkdir -p "$folder"
	unlike "$1" "$scratch/$2.so" >"$folder/why"
	says "$1, $4" "$3" "$(cat "$folder/why")"
}

controls()
{
	local quick=1

	build fine
	build corrupt -DCORRUPT=200
	build realloc -DREALLOC=50
	build hang -DHANG=200

	work_says git realloc '^[<>] |ended with status' "what realloc() loses"
	work_says sqlite corrupt '^[<>] |ended with status' "a changed byte"
	deadline=3
	work_says sqlite hang 'no end after 3 s' "no end"
	deadline=${HOARDK_DEADLINE:-600}
	work_says sqlite fine '' "nothing wrong"
	says "no statistics" 'no process left' "$(unproven sqlite)"
	printf '%s\n' 'version: 1' 'allocs 5' >"$folder/library/stats"
	says "few allocations" 'were 5, less than' "$(unproven sqlite)"
	printf '%s\n' 'version: 1' 'allocs 99999999' 'double_frees 1' \
		>"$folder/library/stats"
	says "a bad free" '^double_frees 1' "$(unproven sqlite)"
	rm -rf "$scratch"/control-*

	echo >"$scratch/none.so"
	says "not a library" 'cannot be preloaded' \
		"$(unloaded "$scratch/none.so")"
	gcc -shared -fPIC -x c /dev/null -o "$scratch/empty.so"
	says "a library without malloc" 'does not call malloc' \
		"$(unloaded "$scratch/empty.so")"
}
