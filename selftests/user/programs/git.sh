# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# git: a history made by hundreds of commits and merges, packed by threads and
# read back.  The packs may differ by which thread came first; the objects and
# all that is read from them may not.
program 50000 git=git

# commits COUNT: more history, for git fast-import.
commits()
{
	awk -v n="$1" -v x=99 '
	function r(m) { x = x * 16807 % 2147483647; return x % m }
	function put(s) { printf "data %d\n%s\n", length(s), s }
	BEGIN {
		for (i = 1; i <= n; i++) {
			print "commit refs/heads/imported"
			printf "committer A <a@localhost> %d +0000\n", 1500000000 + i
			put("imported " i)
			f = r(40)
			lines[f] = lines[f] + 1
			text[f, r(lines[f] < 150 ? lines[f] : 150)] = "line " r(1000000) " by " i
			s = ""
			for (j = 0; j < lines[f]; j++)
				s = s text[f, j] "\n"
			print "M 100644 inline dir" f % 5 "/file" f
			put(s)
		}
		print "done"
	}'
}

# edit I: what commit I changes.
edit()
{
	random_lines $(($1 % 30 + 1)) "$1" >"file$(($1 % 23))"
	echo "commit $1" >>log
	mkdir -p "d$(($1 % 11))/e"
	random_lines 3 "$1" >>"d$(($1 % 11))/e/f$(($1 % 3))"
	[ $(($1 % 17)) != 0 ] || git mv -k "file$(($1 % 23))" "moved$1"
}

# make_history LIB: in the current folder.
make_history()
{
	local g=(under "$1" git) count i

	count=$(size 300 60)
	for ((i = 1; i <= count; i++)); do
		export GIT_AUTHOR_DATE="$((1600000000 + i * 60)) +0000"
		export GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
		if [ $((i % 20)) = 12 ]; then
			"${g[@]}" checkout -q -b "side$i" HEAD~2
			echo "$i" >"side$i"
			"${g[@]}" add -A
			"${g[@]}" commit -q -m "side $i"
			"${g[@]}" checkout -q main
			"${g[@]}" merge -q -m "merge $i" "side$i"
		else
			edit "$i"
			"${g[@]}" add -A
			"${g[@]}" commit -q -m "commit $i"
		fi
	done
	"${g[@]}" tag -a -m "a tag" v1 main~10
}

work()
{
	local g=(under "$1" git)

	export GIT_CONFIG_NOSYSTEM=1
	git config --global user.name A
	git config --global user.email a@localhost
	git config --global gc.auto 0
	git config --global maintenance.auto false
	git config --global init.defaultBranch main
	git config --global pack.threads 4

	"${g[@]}" init -q repo
	(cd repo && make_history "$1")
	commits "$(size 3000 600)" >stream
	"${g[@]}" -C repo fast-import --quiet --done <stream

	"${g[@]}" -C repo gc --quiet --aggressive --prune=now
	"${g[@]}" -C repo fsck --full --strict
	[ "$(find repo/.git/objects/pack -name '*.pack' | wc -l)" = 1 ]
	"${g[@]}" verify-pack repo/.git/objects/pack/*.idx
	"${g[@]}" clone -q --bare "file://$PWD/repo" clone
	"${g[@]}" -C clone fsck --full --strict

	"${g[@]}" -C repo for-each-ref >results/refs
	"${g[@]}" -C clone for-each-ref >results/refs.clone
	"${g[@]}" -C repo log --all --graph --stat --format=fuller >results/log
	"${g[@]}" -C repo log --all -p -M -C | sha256sum >results/patches
	"${g[@]}" -C clone cat-file --batch-all-objects --batch |
		sha256sum >results/objects
	"${g[@]}" -C repo blame -w imported -- dir1/file1 >results/blame
	"${g[@]}" -C repo grep --threads=4 -n -e '7[0-9]*1' main >results/grep
	"${g[@]}" -C repo archive --format=tar imported | sha256sum >results/tar
	"${g[@]}" -C repo status --porcelain >results/status
}
