#!/bin/bash
# map-program.t: pictures of programs that `brim map` runs, at their end and at their peak, of their threads and children,
# and on Brim.
. "$(dirname "$0")/tap.sh"
export LC_ALL=C

# The picture of a program, whatever the program ends with.
picture() { $brim map "$@" || true; }
# The picture of a program at its peak shows no more than the peak.
is_peak() {
  $brim map --at-peak --json -- "$@" >"$work/json" &&
    [ "$(sed -n 's/.*"peak_resident_bytes": \([0-9]*\).*/\1/p' "$work/json")" -ge \
      "$(sed -n '1s/.*"resident_bytes": \([0-9]*\), "dirty.*/\1/p' "$work/json")" ]
}
# goes_on FILE COMMAND...: a child of the command, which waits for FILE.go, makes the file after the command's end.
goes_on() {
  "${@:2}" && [ ! -e "$1" ] && touch "$1.go" && timeout 20 sh -c 'until [ -e "$1" ]; do sleep 0.05; done' sh "$1"
}
exits_with() {
  local code=$1 seen=0
  shift
  "$@" || seen=$?
  [ "$seen" = "$code" ]
}

cat >"$work/threads.c" <<'END'
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
volatile char zeros[1 << 20], *block;
static void *wait_for_ever(void *unused) { pause(); return unused; }
int main(int argc, char **argv)
{
  pthread_t thread;
  (void)argv;
  pthread_create(&thread, NULL, wait_for_ever, NULL);
  usleep(50000);
  block = malloc(3 << 20);
  block[0] = 1;
  return argc > 1 ? pause() : 3;
}
END
cat >"$work/ended.c" <<'END'
#include <pthread.h>
static void *end(void *unused) { return unused; }
int main(void)
{
  pthread_t thread;
  return pthread_create(&thread, NULL, end, NULL) || pthread_join(thread, NULL);
}
END
# The kernel shows a bss and a mapping directly above it as one area.
joined() {
  printf '%s\n' "100000-101000 r--p 0 00:00 1 $work/threads" "101000-102000 r-xp 0 00:00 1 $work/threads" \
    "102000-104000 rw-p 0 00:00 1 $work/threads" "104000-$1 rw-p 0 00:00 0" "Rss: 4 kB" >"$work/joined"
  $brim map --smaps "$work/joined"
}
cat >"$work/peak.c" <<'END'
#include <sys/mman.h>
#include <unistd.h>
int main(void)
{
  volatile char *memory = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (long i = 0; i < 64 << 20; i += 4096)
    memory[i] = 1;
  usleep(1000000);
  munmap((void *)memory, 64 << 20);
  return 0;
}
END
# The first thread leaves, another goes on: for a while with 64 MiB, then without.
cat >"$work/left.c" <<'END'
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
static void *go_on(void *size)
{
  usleep(300000);
  volatile char *memory = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (long i = 0; i < 64 << 20; i += 4096)
    memory[i] = 1;
  usleep(size ? 100000000 : 700000);
  munmap((void *)memory, 64 << 20);
  return NULL;
}
int main(int argc, char **argv)
{
  pthread_t thread;
  pthread_create(&thread, NULL, go_on, argc > 1 ? argv : NULL);
  pthread_exit(NULL);
}
END
${CC:-cc} -pthread -o "$work/left" "$work/left.c"
"$work/left" stay &
left=$!
${CC:-cc} -pthread -o "$work/threads" "$work/threads.c"
cat >"$work/short.c" <<'END'
#define _GNU_SOURCE
#include <sys/mman.h>
int main(void)
{
  void *memory = mmap(0, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  return munmap(memory, 64 << 20);
}
END
${CC:-cc} -o "$work/short" "$work/short.c"
cat >"$work/quiet-child.c" <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>
static char stack[1 << 16] __attribute__((aligned(16)));
static int go_on(void *files)
{
  char **file = files;
  for (int i = 0; i < 2000 && access(file[1], F_OK); i++)
    usleep(10000);
  return open(file[0], O_CREAT | O_WRONLY, 0600) < 0;
}
int main(int argc, char **argv) { return argc != 3 || clone(go_on, stack + sizeof stack, 0, argv + 1) < 0; }
END
${CC:-cc} -o "$work/quiet-child" "$work/quiet-child.c"
${CC:-cc} -o "$work/peak" "$work/peak.c"
${CC:-cc} -pthread -o "$work/ended" "$work/ended.c"
ok "a small area above the data is bss" shows ' bss$' joined 204000
ok "... also where parts of it have other rights or advice" bash -c \
  "[ \$(sed -i 's/^104000.*/104000-124000 rw-p 0 00:00 0\n124000-125000 r--p 0 00:00 0\n125000-204000 rw-p 0 00:00 0/' \
    $work/joined && $brim map --smaps $work/joined | grep -cE ' (bss|mapping)\$') = 1 ]"
ok "a large one is mostly a mapping" shows ' 64M .* mapping$' joined 4104000
sleep 1
ok "a process whose first thread has ended" shows "left \\($left\\): " $brim map $left
ok "... with the memory that the others have" shows ' 64M +6[34][0-9.]*M +6[34][0-9.]*M .*mapping' $brim map $left
kill $left
if $brim map -- true >/dev/null 2>&1; then
  ok "a program at its end" shows 'true \([0-9]+\): ' $brim map -- true
  ok "its exit code is passed on" exits_with 3 $brim map -- sh -c 'exit 3'
  ok "a program that is killed" exits_with 143 $brim map -- sh -c 'kill $$'
  ok "one that ends when we are asked to" exits_with 143 timeout --foreground --preserve-status 1 $brim map -- sleep 60
  ok "... is drawn" shows ' stack$' bash -c "timeout --foreground 1 $brim map -- sleep 60; [ \$? = 124 ]"
  ok "its children are its own affair" exits_with 0 $brim map -- sh -c 'true; (exit 5); true'
  ok "... and said not to be in the picture" shows 'other processes, which are not in the picture' \
    $brim map --at-peak -- sh -c 'sleep 0.1; true'
  ok "... in JSON" shows '"has_children": true' $brim map --json -- sh -c 'sleep 0.1; true'
  ok "... in SVG" $brim map --svg "$work/children.svg" -- sh -c 'sleep 0.1; true'
  ok "... below the drawing" grep -q '>It has started other processes, which are not in the picture.</text>' "$work/children.svg"
  ok "... and nothing is said of none" bash -c "! $brim map -- true | grep 'other processes'"
  ok "a child whose end sends no signal, which lives on" goes_on "$work/lives-on" \
    $brim map -- "$work/quiet-child" "$work/lives-on" "$work/lives-on.go"
  ok "its output comes through" shows '^hello$' $brim map -- echo hello
  ok "its threads have stacks" bash -c "$brim map -- $work/threads | grep -E 'stack of thread|thread stack'"
  ok "the stack of a thread that has ended is kept, with its guard" shows 'guard of a stack' $brim map -- "$work/ended"
  ok "with threads, too, the code is passed on" exits_with 3 $brim map -- "$work/threads"
  ok "at its end, memory that went back is gone" bash -c "! $brim map -- $work/peak | grep -qE ' 64M .*mapping'"
  ok "--at-peak shows it" shows ' 64M +6[234][0-9.]*M +6[234][0-9.]*M .*mapping' $brim map --at-peak -- "$work/peak"
  ok "... of more than one program that the process was: no peak is below the picture" is_peak \
    bash -c 'printf -v much "%50000000d" 0; sleep 0.1; exec true'
  ok "what the compiler has just written is not dirty: the program has not written it" \
    shows '[KM] +[0-9.]+[KM] +0 .* text$' picture -- "$work/threads"
  ok "--at-peak shows what a thread had after the first one has left" \
    shows ' 64M +6[34][0-9.]*M +6[34][0-9.]*M .*mapping' $brim map --at-peak -- "$work/left"
  ok "its bss" shows ' 1(\.0)?M .* bss$' picture -- "$work/threads"
  ok "... or says that it was too short to be drawn" \
    shows '6[45]M were resident| 64M +(5[789]|6[0-9])[0-9.]*M .* mapping$' $brim map --at-peak -- "$work/short"
  ok "--brim runs it on Brim" shows 'break heap \(Brim\)' $brim map --brim -- ls
  ok "... where its large blocks are Brim's, by name or by its records" \
    shows ' [34](\.[0-9])?M .*Brim: large blocks' picture --brim -- "$work/threads"
  ok "... and what the program has mapped itself is not" shows ' 64M .* mapping$' $brim map --brim --at-peak -- "$work/peak"
  ok "... and all of the library's data is its metadata, also what has other advice about huge pages" bash -c \
    "$brim map --brim -- ls | grep -A 1 ' libbrim.so.0$' | grep -qE ' [5-9][.0-9]*M .* Brim: metadata$'"
  if ${CC:-cc} -static -pthread -o "$work/static" "$work/threads.c" 2>/dev/null; then
    ok "... if that is possible" fails 69 'is statically linked' $brim map --brim -- "$work/static"
  fi
  for how in '' -static; do
    # shellcheck disable=SC2086 # no word or one
    ${CC:-cc} $how -o "$work/linked" "$work/threads.c" -Wl,--whole-archive $B/libbrim.a -Wl,--no-whole-archive -pthread 2>/dev/null ||
      continue
    ok "a program that is linked with libbrim.a ${how:+(static) }is on Brim" shows 'break heap \(Brim\)' picture -- "$work/linked"
    ok "... and says so" shows '"on_brim": true' picture --json -- "$work/linked"
  done
  printf 'void *malloc(unsigned long n) { (void)n; return (void *)0; }\nvoid free(void *p) { (void)p; }\nint main(void) { return 0; }\n' \
    >"$work/own.c"
  ${CC:-cc} -fno-builtin -o "$work/own" "$work/own.c"
  ok "... not if the program brings its own malloc" fails 69 'brings its own malloc, which no library replaces' \
    $brim map --brim -- "$work/own"
  ok "no such program" fails 66 "can't run 'no-such-program': No such file" $brim map -- no-such-program
  if command -v python3 >/dev/null; then
    ok "JSON is not mixed with what the program prints" is_json $brim map --json -- echo hello
  fi
else
  skip "a program at its end" "no tracing here"
fi
cat >"$work/many.c" <<'END'
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void *wait_for_ever(void *unused) { pause(); return unused; }
int main(int argc, char **argv)
{
  int count = 0;
  pthread_t thread;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 << 10);
  while (count < (argc > 1 ? atoi(argv[1]) : 5000) && !pthread_create(&thread, &small, wait_for_ever, NULL))
    count++;
  printf("%d\n", count);
  fflush(stdout);
  return argc > 1 ? 0 : pause();
}
END
${CC:-cc} -pthread -o "$work/many" "$work/many.c"
"$work/many" >"$work/count" &
many=$!
for _ in $(seq 100); do [ -s "$work/count" ] && break; sleep 0.1; done
sleep 0.1
ok "each of thousands of threads has its stack" bash -c \
  "[ \$($brim map $many | grep -cE 'stack of thread|thread stack') = \$(cat $work/count) ]"
kill $many
# clock COMMAND...: milliseconds of the best of three.
clock() {
  for _ in 1 2 3; do local begin=${EPOCHREALTIME/[.,]/}; "$@" >/dev/null; echo $(((${EPOCHREALTIME/[.,]/} - begin) / 1000)); done | sort -n | head -1
}
few=$(clock $brim map -- "$work/many" 20) lots=$(clock $brim map -- "$work/many" 300)
ok "threads that end with the program are not looked at one by one: $few ms for 20, $lots ms for 300" [ "$lots" -lt $((100 * few)) ]
"$work/threads" stay &
threads=$!
sleep 0.1
ok "the threads of a process have stacks" shows 'stack of thread|thread stack' $brim map $threads
kill $threads
finish
