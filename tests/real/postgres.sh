#!/bin/bash
# postgres.sh: initdb, then pgbench; what it moved between accounts adds up.
. "$(dirname "$0")/real.sh"
PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
needs initdb pgbench postgres
user=
if [ "$(id -u)" = 0 ]; then
  id postgres >/dev/null 2>&1 || { echo '1..0 # SKIP there is no user postgres'; exit 0; }
  chown postgres "$PWD"
  user='runuser -u postgres --'
fi
library=$LIB
if [ "$user" ]; then cp "$LIB" "$PWD/library.so" && chmod 755 library.so && library=$PWD/library.so; fi
as() { $user env PATH="$PATH" PGHOST="$PWD" PGDATABASE=postgres "$@"; }
check 'initdb' as LD_PRELOAD="$library" initdb -D "$PWD/data" --no-sync -A trust
check 'start' as LD_PRELOAD="$library" pg_ctl -D "$PWD/data" -w -l "$PWD/server.log" \
  -o "-k $PWD -c listen_addresses='' -c fsync=off -c shared_buffers=32MB" start
trap 'as pg_ctl -D "$PWD/data" -m immediate stop >/dev/null 2>&1; finish' EXIT
check 'pgbench -i' as pgbench -q -i -s "$(quick 2 20)"
check 'pgbench' as LD_PRELOAD="$library" pgbench -c 8 -j 2 -t "$(quick 200 5000)"
check 'sorts and joins' as psql -qc 'select count(*) from (select a.aid, md5(a.filler) m from pgbench_accounts a
  join pgbench_accounts b using (aid) order by m desc) s; create index on pgbench_accounts (abalance, filler);'
check 'the balances add up' as psql -qAtc 'do $$ begin
  if (select sum(abalance) from pgbench_accounts) <> (select sum(tbalance) from pgbench_tellers) or
     (select sum(tbalance) from pgbench_tellers) <> (select sum(bbalance) from pgbench_branches) or
     (select sum(delta) from pgbench_history) <> (select sum(bbalance) from pgbench_branches)
  then raise exception $q$they do not$q$; end if; end $$' -v ON_ERROR_STOP=1
check 'stop' as pg_ctl -D "$PWD/data" -m fast stop
check 'the server said nothing of misuse' sh -c "! grep -E '^brim: |terminated by signal' server.log"
end
