# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# redis: a server with a thread that frees what is large, loaded over a socket
# in the file system; it forks to save its data while under load, and must come
# back with the same.
#
# Debian's redis calls malloc() of libjemalloc by that name, so a library that
# is preloaded comes before it (and what is compared with is jemalloc).  The
# binary of redis-server is that of redis-check-rdb, which comes without a
# service.  Only the server makes so many allocations, not its clients.
program 2300000 redis-check-rdb=redis-tools redis-cli=redis-tools \
	redis-benchmark=redis-tools

cli()
{
	redis-cli -s redis.sock "$@"
}

# info FIELD
info()
{
	cli info | tr -d '\r' | sed -n "s/^$1://p"
}

# start_server LIB
start_server()
{
	local i

	under "$1" ./redis-server --port 0 --unixsocket redis.sock \
		--save "" --dbfilename dump.rdb --dir . --databases 4 \
		--jemalloc-bg-thread no --enable-debug-command yes \
		--lazyfree-lazy-user-del yes --lazyfree-lazy-server-del yes \
		>>server.log &
	server=$!
	for ((i = 0; i < 3000; i++)); do
		[ "$(cli ping 2>/dev/null)" != PONG ] || return 0
		kill -0 "$server" 2>/dev/null || break
		sleep 0.1
	done
	echo "the server does not answer" >&2
	tail -n 30 server.log >&2
	return 1
}

stop_server()
{
	cli shutdown nosave
	wait "$server"
}

# The data that is compared, as commands, into database 0.
data()
{
	awk -v n="$1" -v x=5 '
	function r(m) { x = x * 16807 % 2147483647; return x % m }
	function text(k) { return substr(long, r(900) + 1, k) }
	BEGIN {
		for (i = 0; i < 300; i++)
			long = long sprintf("%08x-", r(2147483647))
		for (i = 0; i < n; i++) {
			print "SET key:" i " " text(r(300) + 1)
			print "APPEND key:" r(n) " " text(r(200) + 1)
			print "HSET hash:" r(n / 20) " f" r(500) " " text(r(100) + 1)
			print "SADD set:" r(n / 50) " " text(r(12) + 3) " " r(10000)
			print "RPUSH list:" r(n / 50) " " text(r(80) + 1) " " i
			print "ZADD zset:" r(n / 50) " " r(100000) " m" r(3000)
			print "XADD stream:" r(20) " 1-" i + 1 " f " text(r(50) + 1)
			if (i % 3 == 0)
				print "DEL key:" r(n)
			if (i % 5 == 0)
				print "LPOP list:" r(n / 50)
			if (i % 1000 == 999)
				print "UNLINK hash:" r(n / 20) " set:" r(n / 50)
		}
	}'
}

# save: fork to save, and wait for the end.
save()
{
	local i

	cli bgsave
	for ((i = 0; i < 3000; i++)); do
		[ "$(info rdb_bgsave_in_progress)" != 0 ] || break
		sleep 0.1
	done
	[ "$(info rdb_last_bgsave_status)" = ok ]
}

work()
{
	local load digest

	ln -s "$(command -v redis-check-rdb)" redis-server
	data "$(size 30000 6000)" >commands
	start_server "$1"
	grep -qF "${1:-libjemalloc}" "/proc/$(info process_id)/maps"

	# Load on database 1, and meanwhile the data and two saves.
	under "$1" redis-benchmark -s redis.sock --dbnum 1 -c 20 -P 8 \
		-n "$(size 150000 40000)" -r 20000 -d 200 --threads 2 -q \
		-t set,get,incr,lpush,rpop,sadd,hset,zadd >benchmark &
	load=$!
	under "$1" redis-cli -s redis.sock --pipe <commands >pipe
	grep -q 'errors: 0' pipe
	save
	under "$1" redis-check-rdb dump.rdb >check
	save
	wait "$load"
	[ "$(cli -n 1 dbsize)" -gt 1000 ]
	cli -n 1 flushdb async

	cli debug digest >results/digest
	cli dbsize >results/dbsize
	digest=$(cat results/digest)
	save
	stop_server
	start_server "$1"
	[ "$(cli debug digest)" = "$digest" ]
	cli debug reload
	[ "$(cli debug digest)" = "$digest" ]
	cli flushall async
	stop_server
}
