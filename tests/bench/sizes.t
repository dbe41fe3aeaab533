#!/bin/sh
# sizes.t: `brim compare SIZE...` finds where glibc puts blocks, which is documented, and Brim likewise.
. "$(dirname "$0")/tap.sh"
row() { grep "^$1 " "$folder/out" | sed -n "$2p"; }
shows() { row "$1" "$2" | grep -q -e "$3"; }

run "$brim" compare 64 256K --with system,brim --runs 2 --json "$folder/json"
check "sizes are measured" exited 0
check "each size has its table" printed '^malloc(256K)'
if ! ldd "$brim" | grep -q musl; then
  check "glibc: a small block lies in the break heap" shows glibc 1 '^glibc *break'
  check "glibc: a block of 256 KiB is a mapping, the next one lies in the break heap" shows glibc 2 'mmap [0-9].*munmap 1.*break [0-9]'
  check "and a line says why" printed '^glibc: .* the size from which blocks get one rose'
  check "glibc: 64 bytes take 80" shows glibc 1 ' 80\.[0-9] B '
fi
check "Brim: a small block lies in the break heap" shows brim 1 'break [0-9].*break [0-9]'
check "Brim: a block of 256 KiB is a mapping, and the next one too" shows brim 2 'mmap [0-9].*mmap [0-9]'
check "the JSON has a row for each" [ "$(grep -c '"size": ' "$folder/json")" -eq 4 ]
run "$brim" compare 64 nonsense
check "a word that is no size" complained "'nonsense' is no size"
run "$brim" compare 64 --plot x.svg
check "sizes have no chart" exited 64
finish
