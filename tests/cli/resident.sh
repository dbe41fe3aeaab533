#!/bin/bash
# resident.sh: what `brim resident` says of programs that it runs, and which it can't ask; tests/memory/resident.c has its numbers.
set -u
. tests/cli/tap.sh
export LC_ALL=C
library=$PWD/$B/libbrim.so
cd "$work" || exit 1

cat >grow.c <<'END'
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static char *block[400];
static void *wait_for_ever(void *unused) { pause(); return unused; }
int main(int argc, char **argv)
{
  pthread_t threads[3];
  for (int i = 0; i < 3; i++)
    pthread_create(&threads[i], NULL, wait_for_ever, NULL);
  for (int i = 0; i < 400; i++)
    memset(block[i] = malloc(100000), 1, 100000);
  usleep(200000);
  for (int i = 0; i < 400; i++)
    free(block[i]);
  usleep(600000);
  return argc > 1 ? atoi(argv[1]) : 0;
}
END
cc -O1 -pthread -o grow grow.c || exit 71

# number KEY: the number of that key in the JSON in out.
number() { grep -oE "\"$1\": [0-9]+" out | grep -oE '[0-9]+$'; }
sum() {
  local all=0 key
  for key in heap_live heap_beside_live heap_free_blocks heap_free_runs mappings_live mappings_beside_live mappings_cached metadata \
    files stacks others; do all=$((all + $(number $key))); done
  echo $all
}

ends 3 "a program at its peak" "$brim" resident --at-peak --json -- ./grow 3
[ "$(number heap_live)" -gt 39000000 ]; ok $? "its blocks are there"
[ "$(number resident)" = "$(sum)" ]; ok $? "the places together are all"
[ "$(number resident_peak)" -ge "$(number resident)" ]; ok $? "the kernel saw as much"
ends 0 "at its end" "$brim" resident -- ./grow
grep -qE '^grow: [0-9.]+M resident at its end; its true peak was 4[0-9]M$' out; ok $? "which is less"
[ "$(grep -cE '^ *[0-9.]+[KM]? #* ' out)" = 11 ]; ok $? "a line a place"
ends 0 "with all that is kept" env BRIM_PURGE_DELAY=3600000 "$brim" resident --json -- ./grow
[ "$(number heap_free_runs)" -gt 30000000 ]; ok $? "it is free runs then"
ends 0 "a shell and what it becomes" "$brim" resident -- sh -c 'exec ./grow'
grep -q '^grow: ' out; ok $? "the last is seen"
! grep -q 'other processes' out; ok $? "which has no children"
ends 3 "a shell and its child" "$brim" resident -- sh -c './grow 3; exit $?'
grep -qx 'It has started other processes, which are not in it.' out; ok $? "of which it is said that there was one"

./grow & pid=$!
says 65 "process $pid does not run on Brim" "$brim" resident $pid
wait $pid
LD_PRELOAD=$library sleep 100 & pid=$!
sleep 0.5
ends 0 "a process" "$brim" resident $pid
grep -qE "^sleep \($pid\): [0-9.]+M resident$" out; ok $? "its name and number"
kill $pid; wait $pid 2>/dev/null
says 66 "no process $pid" "$brim" resident $pid
cat >own.c <<'END'
#include <unistd.h>
static char memory[1 << 20];
static unsigned long used;
void *malloc(unsigned long n) { used += (n + 15) & ~15ul; return memory + used - ((n + 15) & ~15ul); }
void free(void *p) { (void)p; }
int main(int argc, char **argv) { return argc > 1 ? !malloc(1) + argv[1][0] - '0' : pause(); }
END
cc -fno-builtin -o own own.c || exit 71
says 69 "'sh' has become a program that brings its own malloc" "$brim" resident --at-peak -- sh -c 'exec ./own 0'
LD_PRELOAD=$library ./own & pid=$!
sleep 0.5
says 65 "process $pid brings its own malloc, which no library replaces" "$brim" resident $pid
says 65 "process $pid brings its own malloc, which no library replaces" "$brim" stats $pid
ends 0 "which brim map draws" "$brim" map --json $pid
grep -q '"on_brim": false' out; ok $? "as what it is"
kill $pid; wait $pid 2>/dev/null

cat >forks.c <<'END'
#include <stdlib.h>
#include <unistd.h>
int main(void)
{
  volatile char *block = calloc(1, 100000);
  for (int i = 0; i < 50000; i += 4096)
    block[i] = 1;
  for (int i = 50000; i < 100000; i += 4096) /* brings pages of zeroes, which the kernel does not count */
    if (block[i])
      return 1;
  if (fork()) pause();
  pause();
}
END
cc -O1 -o forks forks.c || exit 71
LD_PRELOAD=$library ./forks & pid=$!
sleep 0.5
child=$(cat /proc/$pid/task/$pid/children)
for process in $pid $child; do
  ends 0 "a process that shares pages with another" "$brim" resident --json "$process"
  [ "$(number resident)" = "$(sum)" ]; ok $? "the places together are all"
done
kill "$child" $pid; wait $pid 2>/dev/null
says 66 "can't run './none'" "$brim" resident -- ./none
says 64 "'x' is no process id; to run a program put -- before it" "$brim" resident x
says 64 "--at-peak needs a program to run" "$brim" resident --at-peak 1
says 64 "there is no option --jsn" "$brim" resident --jsn 1
ends 143 "a signal that asks for the end is the program's" timeout --foreground --preserve-status 1 "$brim" resident --json -- sleep 60
[ "$(number resident)" -gt 0 ]; ok $? "whose end is shown"
ends 0 "an interrupt that is ignored stays so" \
  sh -c 'trap "" INT; exec "$@"' - "$brim" resident --json -- sh -c 'kill -INT $$; exit 0'

cat >untraced.c <<'END'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
  struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                               BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
                               BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                               BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog filter = {4, code};
  if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
    return 71;
  execvp(argv[1], argv + 1);
  return 127;
}
END
cc -O1 -o untraced untraced.c || exit 71
says 69 "can't trace a program here: Operation not permitted" timeout 10 ./untraced "$brim" resident -- ./grow
ends 64 "no process named" "$brim" resident
ends 64 "two" "$brim" resident 1 2
finish
