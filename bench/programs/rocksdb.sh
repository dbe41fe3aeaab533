#!/bin/sh
# rocksdb.sh: a key-value store fills its tables, compacts and reads them.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help RocksDB's db_bench fills a database in random order and reads it"
  echo "needs db_bench"
  echo "quick 1"
  echo "full 1"
  exit
fi
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
db_bench --db="$folder" --benchmarks=fillrandom,readrandom --num="$((15000 * $2))" --reads="$((25000 * $2))" --seed=1 \
  --compression_type=none --disable_wal=1 --write_buffer_size=4194304 --cache_size=8388608 > /dev/null 2>&1
