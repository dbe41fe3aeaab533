#!/bin/bash
# redis.sh: a redis server under load; its data survive a save by fork and a reload.
. "$(dirname "$0")/real.sh"
needs redis-server redis-cli redis-benchmark
n=$(quick 20000 500000)
LD_PRELOAD=$LIB redis-server --port 0 --unixsocket "$PWD/s" --dir "$PWD" --save '' --enable-debug-command local \
  --activedefrag no >server.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; finish' EXIT
cli() { redis-cli -s s "$@"; }
for _ in $(seq 100); do cli ping >/dev/null 2>&1 && break; sleep 0.1; done
check 'the server runs on the library' grep -q "$(basename "$(readlink -f "$LIB")")" "/proc/$server/maps"
check 'load' redis-benchmark -s s -q -n "$n" -c 50 -P 16 -r 100000 -d 200 -t set,get,incr,lpush,rpush,lpop,sadd,hset,zadd,mset
check 'values of many sizes' sh -c 'for i in $(seq 1 400); do printf "SET big%d %s\n" $i $(head -c $((i * 150)) /dev/zero | tr "\0" x); done | redis-cli -s s --pipe'
cli debug digest >before
check 'save by fork and reload' sh -c 'redis-cli -s s debug reload | grep -q OK && redis-cli -s s bgsave && sleep 1'
check 'the same data' sh -c 'redis-cli -s s debug digest | cmp - before'
check 'every value has its length' sh -c 'for i in 1 77 400; do test "$(redis-cli -s s strlen big$i)" = $((i * 150)) || exit 1; done'
check 'flush' sh -c 'redis-cli -s s flushall && redis-cli -s s memory purge'
check 'the server is still there, and ends well' sh -c "redis-cli -s s ping && redis-cli -s s shutdown nosave; ! grep -E '^brim: |crashed' server.log"
end
