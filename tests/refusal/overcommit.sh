#!/bin/bash
# overcommit.sh: programs under strict overcommit (vm.overcommit_memory=2), where address space counts as memory. That is a
# setting of the whole machine: TEST_OVERCOMMIT=1 allows this test to change it, as root, for seconds; else the test runs only
# where it is already set so. B is the build's folder.
set -u
mode=/proc/sys/vm/overcommit_memory ratio=/proc/sys/vm/overcommit_ratio
if [ "$(cat $mode)" != 2 ]; then
  if [ -z "${TEST_OVERCOMMIT:-}" ]; then echo "1..0 # SKIP no strict overcommit, and no TEST_OVERCOMMIT=1"; exit; fi
  old_mode=$(cat $mode) old_ratio=$(cat $ratio)
  trap '{ echo "$old_mode" >$mode; echo "$old_ratio" >$ratio; } 2>/dev/null' EXIT
  if ! { echo 95 >$ratio && echo 2 >$mode; } 2>/dev/null; then
    echo "1..0 # SKIP the setting can't be made here"; exit
  fi
fi
count=0 failures=0
# prints EXPECTED PROGRAM...
prints() {
  local expected=$1 got
  shift
  count=$((count + 1))
  if ! command -v "$1" >/dev/null; then echo "ok $count # SKIP $1 is not installed"; return; fi
  got=$("$B/brim" run -- "$@" 2>&1)
  if [ "$got" = "$expected" ]; then
    echo "ok $count - $1"
  else
    echo "not ok $count - $1"; failures=1; printf '%s\n' "$got" | head -n 20 | sed 's/^/# /'
  fi
}

prints 100000 perl -e '$h{$_} = "x" x ($_ % 500) for 1 .. 100000; print scalar(keys %h)'
prints sub perl -e 'my @a = (1) x 1e6; print `echo sub`'
prints 300000 python3 -c 'print(len([str(i) * 3 for i in range(300000)]))'
prints 'refused, goes on' python3 -c '
try: bytearray(1 << 46)
except MemoryError: print("refused, goes", "on" if len(bytearray(64 << 20)) == 64 << 20 else "wrong")'
prints '' gcc -O1 -Isrc -c -o /dev/null src/base/print.c

echo "1..$count"
exit $failures
