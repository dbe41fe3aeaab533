#!/bin/bash
# sqlite.sh: a database is filled, changed, thinned out and packed; it is whole, and the same as without the library.
. "$(dirname "$0")/real.sh"
needs sqlite3
rows=$(quick 50000 500000)
cat >work.sql <<END
PRAGMA cache_size = 20000;
CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT, number REAL, data BLOB);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
  INSERT INTO t SELECT i, printf('word %d of %s', i * 7919 % 10007, hex(i)), i * 1.5, zeroblob(i % 300) FROM n;
CREATE INDEX by_word ON t (word, number);
UPDATE t SET word = word || ' changed' WHERE id % 3 = 0;
DELETE FROM t WHERE id % 5 = 0;
VACUUM;
SELECT word, count(*), total(number) FROM t GROUP BY substr(word, 1, 8) ORDER BY 2 DESC, 1 LIMIT 50;
SELECT group_concat(word) FROM (SELECT word FROM t ORDER BY word LIMIT 20000);
PRAGMA integrity_check;
END
same 'the same answers' sh -c 'rm -f db; sqlite3 db <work.sql'
check 'integrity_check' sh -c 'test "$(sqlite3 db "PRAGMA integrity_check")" = ok'
end
