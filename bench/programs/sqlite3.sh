#!/bin/sh
# sqlite3.sh: a database in memory: pages, statements and a sort.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help SQLite fills, indexes, joins and deletes tables in memory"
  echo "needs sqlite3"
  echo "quick 1"
  echo "full 1"
  exit
fi
exec sqlite3 -batch :memory: <<END
create table t(id integer primary key, k integer, text varchar);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000 * $2)
insert into t select i, i * 7919 % 10007, printf('row %d of a table with some text', i) from n;
create index t_k on t(k, text);
select count(*), sum(length(a.text)) from t a join t b on a.k = b.k and a.id < b.id and b.id < a.id + 20000;
update t set text = text || text where k % 3 = 0;
delete from t where k % 2 = 0;
select group_concat(text) is null from (select text from t order by text desc limit 20000);
END
