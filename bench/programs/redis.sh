#!/bin/sh
# redis.sh: a server and its own benchmark. Debian links redis-server with jemalloc; what is preloaded comes first in the
# search, even the C library, where that is measured.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help Redis answers its own benchmark: SET, LPUSH, HSET and ZADD with random keys"
  echo "needs redis-server redis-benchmark redis-cli"
  echo "quick 1"
  echo "full 1"
  exit
fi
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
redis-server --port 0 --unixsocket "$folder/socket" --save '' --appendonly no --dir "$folder" --daemonize no > /dev/null &
server=$!
while ! redis-cli -s "$folder/socket" ping > /dev/null 2>&1; do
  kill -0 "$server"
  sleep 0.01
done
redis-benchmark -q -s "$folder/socket" -n "$((15000 * $2))" -r 100000 -P 16 -d 200 -t set,lpush,hset,zadd > /dev/null
redis-cli -s "$folder/socket" flushall > /dev/null
redis-cli -s "$folder/socket" shutdown nosave || true
wait "$server"
