#!/bin/bash
# stats.sh: which processes `brim stats` can't ask, and what it says then; tests/memory/peek.c tests what it can.
set -u
. tests/cli/tap.sh
library=$PWD/$B/libbrim.so
cd "$work" || exit 1

# run LIBRARY: a process that sleeps, with the library preloaded; its number is in $pid.
run() {
  LD_PRELOAD=$1 sleep 100 &
  pid=$!
  for _ in $(seq 100); do [ "$(cat /proc/$pid/comm)" = sleep ] && break; sleep 0.05; done
  sleep 0.2
}
stop() { kill $pid; wait $pid 2>/dev/null; }

run "$library"
ends 0 "a process on Brim" "$brim" stats $pid
grep -q "^brim .* statistics of sleep, process $pid " out && grep -qE '^  break_heap +[1-9]' out; ok $? "its rows"
grep -qE '^  resident +[1-9]' out; ok $? "... and the kernel's"
ends 0 "in JSON" "$brim" stats --json $pid
grep -qE "^\{\"version\": .*\"process\": $pid, \"break_heap\": [1-9][0-9]*,.*\}$" out; ok $? "one object"
ends 0 "for Prometheus" "$brim" stats --prometheus $pid
grep -v '^#' out | grep -vqE '^brim_[a-z_]+\{pid="'$pid'"\} [0-9]+$'; [ $? = 1 ]; ok $? "a number a line"
grep -qx '# TYPE brim_break_heap_bytes gauge' out && grep -qx '# TYPE brim_calls_brk_total counter' out; ok $? "with their types"
[ "$(cat /proc/$pid/comm)" = sleep ]; ok $? "the process goes on"
stop
says 66 "no process $pid" "$brim" stats $pid

run ''
says 65 "process $pid does not run on Brim" "$brim" stats $pid
stop

# A program that grows while it is read.
cat >grow.c <<'END'
#include <stdlib.h>
#include <string.h>
int main(void)
{
  for (int i = 0; i < 40000; i++) {
    memset(malloc(20000), 1, 20000);
    for (volatile int pause = 0; pause < 10000; pause++)
      ;
  }
  return 0;
}
END
"${CC:-cc}" -fno-builtin -o grow grow.c
LD_PRELOAD=$library ./grow &
pid=$!
for _ in $(seq 40); do
  "$brim" stats --json $pid
done 2>err | sed -E 's/.*"resident": ([0-9]+), "resident_peak": ([0-9]+).*/\1 \2/' >out
awk '$1 > $2 { wrong++ } END { exit wrong || NR < 10 }' out; ok $? "a process that grows has a peak that is no less than what is resident"
stop

echo '#include <unistd.h>
int main(void) { return chroot("empty") || chdir("/") || pause(); }' >apart.c
mkdir empty && "${CC:-cc}" -o apart apart.c
LD_PRELOAD=$library ./apart &
pid=$!
sleep 0.5
if [ "$(readlink /proc/$pid/root)" = "$PWD/empty" ]; then
  ends 0 "a process that has left the library's folder by chroot()" "$brim" stats $pid
else
  skip "no right to chroot()"
fi
stop

cp "$library" libbrim.so
run ./libbrim.so
ends 0 "a copy of the library" "$brim" stats $pid
rm libbrim.so
says 66 'was replaced or removed since' "$brim" stats $pid
stop
if command -v strip >/dev/null; then
  strip -o libbrim.so "$library"
  run ./libbrim.so
  says 65 'has no symbol table' "$brim" stats $pid
  stop
else
  skip "no strip"; skip "no strip"
fi
says 64 "'x' is no process id" "$brim" stats x
says 64 "there is no option --jsn" "$brim" stats --jsn 1
ends 64 "no process named" "$brim" stats
ends 64 "two" "$brim" stats 1 2
ends 64 "two formats" "$brim" stats --json --prometheus 1
finish
