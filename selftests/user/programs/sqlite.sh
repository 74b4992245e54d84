# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# sqlite3: tables, indices, joins, groups, texts, deletions and vacuum, with
# helper threads for sorting; the answers and the database file must be the
# same.
program 100000 sqlite3=sqlite3

statements()
{
	cat <<-END
	PRAGMA threads = 4;
	PRAGMA synchronous = off;
	PRAGMA temp_store = memory;
	CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, city TEXT, data BLOB);
	CREATE TABLE purchase(id INTEGER PRIMARY KEY, customer INTEGER, item INTEGER, price REAL, note TEXT);
	BEGIN;
	WITH RECURSIVE n(i, x) AS (VALUES(1, 42) UNION ALL
		SELECT i + 1, x * 16807 % 2147483647 FROM n WHERE i < $1)
	INSERT INTO customer SELECT i, printf('name %08x of %d', x, i), 'city' || x % 97,
		zeroblob(x % 300) FROM n;
	WITH RECURSIVE n(i, x) AS (VALUES(1, 43) UNION ALL
		SELECT i + 1, x * 16807 % 2147483647 FROM n WHERE i < $1 * 6)
	INSERT INTO purchase SELECT i, x % $1 + 1, x % 1009, x % 10000 / 100.0,
		substr('a note of a length that differs from row to row', 1, x % 48)
		|| x FROM n;
	COMMIT;
	CREATE INDEX purchase_customer ON purchase(customer, price);
	CREATE INDEX purchase_note ON purchase(note DESC);
	CREATE INDEX customer_city ON customer(city, name);
	ANALYZE;
	SELECT city, count(*), round(sum(price), 2), max(note) FROM customer
		JOIN purchase ON customer.id = purchase.customer
		GROUP BY city ORDER BY 3 DESC;
	SELECT item, group_concat(DISTINCT city), count(DISTINCT customer)
		FROM purchase JOIN customer ON customer.id = customer
		WHERE item < 60 GROUP BY item ORDER BY item;
	SELECT * FROM (SELECT customer, price, note,
		rank() OVER (PARTITION BY item ORDER BY price DESC, id) AS r,
		sum(price) OVER (ORDER BY id ROWS 20 PRECEDING) AS s
		FROM purchase) WHERE r = 3 ORDER BY s, note LIMIT 500;
	SELECT a.note, b.note FROM purchase a JOIN purchase b
		ON a.note = b.note AND a.id < b.id ORDER BY 1, 2 LIMIT 500;
	SELECT count(*), sum(length(j)) FROM (SELECT json_group_array(
		json_object('id', id, 'note', note, 'price', price)) AS j
		FROM purchase GROUP BY item);
	CREATE VIRTUAL TABLE text USING fts5(body);
	INSERT INTO text SELECT name || ' ' || city || ' ' || note FROM customer
		JOIN purchase ON customer.id = customer WHERE purchase.id % 4 = 0;
	INSERT INTO text(text) VALUES('optimize');
	SELECT count(*), sum(rowid) FROM text WHERE text MATCH 'city5 OR differs';
	UPDATE purchase SET note = note || note || printf('%.*c', id % 900, 'x')
		WHERE id % 7 = 0;
	DELETE FROM purchase WHERE customer IN
		(SELECT id FROM customer WHERE city < 'city4');
	DELETE FROM customer WHERE city < 'city4';
	VACUUM;
	PRAGMA integrity_check;
	END
}

work()
{
	statements "$(size 30000 8000)" >sql
	# No lookaside: each allocation is one of malloc.
	under "$1" sqlite3 -bail -lookaside 0 0 base.db <sql >results/answers
	[ "$(tail -n 1 results/answers)" = ok ]
	under "$1" sqlite3 -bail base.db .dump >dump
	under "$1" sqlite3 -bail copy.db <dump
	under "$1" sqlite3 -bail copy.db .dump | cmp - dump
	under "$1" sqlite3 -bail base.db '.sha3sum --schema' >results/sha3
	sha256sum base.db copy.db dump >results/sums
}
