#!/bin/sh
# compare.t: what `brim compare` measures is what programs of known behaviour do; bad input gets one clear line.
. "$(dirname "$0")/tap.sh"

# Takes 40 MiB, gives 32 of them back, and ends; half a second of sleep, 200 mappings, 100 changes of the break.
compile known << 'END'
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
  char *block = mmap(0, 40 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(block, 1, 40 << 20);
  munmap(block + (8 << 20), 32 << 20);
  for (int i = 0; i < 200; i++)
    munmap(mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
  for (int i = 0; i < 100; i++)
    syscall(SYS_brk, 0);
  usleep(500000);
  return 0;
}
END
# The number of a metric in the JSON file: number KEY FIELD.
number() { sed -n "s/.*\"$1\": {.*\"$2\": \([0-9.e+]*\).*/\1/p" "$folder/json" | head -1; }
between() { awk -v x="$1" -v a="$2" -v b="$3" 'BEGIN { exit !(x >= a && x <= b) }'; }

run "$brim" compare --with system --runs 2 --json "$folder/json" --csv "$folder/csv" -- "$folder/known"
check "a good program ends with 0" exited 0
check "the table names the allocator" printed '^\(glibc\|system\) '
check "what is counted is said" printed '^Faults: of pages'
check "the versions are printed" printed '^Allocators: '
check "the test is named, or its lack" printed 'too few runs'
check "wall time" between "$(number wall_s median)" 0.5 1.5
check "CPU time is without the sleep" between "$(number cpu_s median)" 0 0.4
check "one row a run in the CSV" [ "$(wc -l < "$folder/csv")" -eq 3 ]
if [ -n "$(number brk median)" ]; then
  check "peak RSS" between "$(number peak_rss_bytes median)" 41943040 48000000
  check "RSS at the end is what was not given back" between "$(number end_rss_bytes median)" 8388608 14000000
  check "calls of mmap" between "$(number mmap median)" 201 260
  check "calls of munmap" between "$(number munmap median)" 201 210
  check "calls of brk" between "$(number brk median)" 100 110
else
  skip "memory and calls" "ptrace is not allowed here"
fi

# Threads and children are counted too; if a child is larger than its parent, the child is reported.
compile child -pthread << 'END'
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void *body(void *x) { return x; }
int main(void)
{
  pthread_t thread;
  for (int i = 0; i < 100; i++)
    if (pthread_create(&thread, 0, body, 0) || pthread_join(thread, 0))
      return 1;
  if (!fork()) {
    memset(malloc(50 << 20), 1, 50 << 20);
    _exit(0);
  }
  int status;
  wait(&status);
  return status != 0;
}
END
run "$brim" compare --with system --runs 1 --json "$folder/json" -- "$folder/child"
check "threads and forks run through" exited 0
[ -n "$(number brk median)" ] && check "the largest process is reported" between "$(number peak_rss_bytes median)" 52428800 62000000

# One whose first thread leaves before the others have allocated.
compile leaves -pthread << 'END'
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void *body(void *x)
{
  usleep(100000);
  memset(malloc(50 << 20), 1, 50 << 20);
  return x;
}
int main(void)
{
  pthread_t thread;
  if (pthread_create(&thread, 0, body, 0))
    return 1;
  pthread_exit(0);
}
END
run "$brim" compare --with system --runs 1 --json "$folder/json" -- "$folder/leaves"
check "a program whose first thread leaves runs through" exited 0
[ -n "$(number brk median)" ] && check "what the others take is in the peak" between "$(number peak_rss_bytes median)" 52428800 62000000

# As LeakSanitizer does at a program's end: a process that is not traced tells its creator when it is ready.
compile untraced << 'END'
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>
static volatile int ready;
static char stack[65536];
static int wait_for_us(void *x)
{
  if (mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
    return 1;
  ready = 1;
  return x != 0;
}
int main(void)
{
  if (clone(wait_for_us, stack + sizeof stack, CLONE_VM | CLONE_UNTRACED, 0) < 0)
    return 23;
  while (!ready)
    sched_yield();
  return 0;
}
END
run "$brim" compare --with system --runs 1 --timeout 10 -- "$folder/untraced"
check "a program that starts a process which is not traced ends" sh -c '! grep -q "not done" "$1"' sh "$folder/err"

run "$brim" compare --with brim --runs 1 -- "$folder/known"
check "Brim is found beside the command" exited 0

echo 'int main(void) { return 0; }' | compile static -static
run "$brim" compare --with system,brim --runs 1 -- "$folder/static"
check "a static program can't be measured" exited 69
check "and is told why" one_line 'is statically linked'
run "$brim" compare --with brim --runs 1 -- env -i sleep 0
check "nor one that clears the environment" complained 'not in use.*clears the environment'
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null && cp "$(command -v env)" "$folder/unread" && cp "$brim" "$folder"; then
  chmod 755 "$folder" && chmod 711 "$folder/unread"
  run setpriv --reuid=65534 --clear-groups "$folder/brim" compare --with system --runs 1 -- "$folder/unread"
  check "nor one whose file may not be read, so that nobody sees what it loads" complained 'not in use.*not to be read'
fi
compile own -Wl,--export-dynamic << 'END'
#include <stddef.h>
static char memory[1 << 20];
static size_t used;
void *malloc(size_t n) { used += (n + 15) & ~(size_t)15; return memory + used - ((n + 15) & ~(size_t)15); }
void free(void *p) { (void)p; }
void *calloc(size_t n, size_t m) { return malloc(n * m); }
void *realloc(void *p, size_t n) { (void)p; return malloc(n); }
int main(void) { return malloc(1) == 0; }
END
run "$brim" compare --with system,brim --runs 1 -- "$folder/own"
check "a program with its own malloc is found out" complained 'brings its own malloc'

run "$brim" compare --with system --runs 2 -- sh -c 'echo broken >&2; exit 3'
check "a failing program is not averaged" exited 69
check "its status and last line are reported" complained 'exit status 3: broken'
# shellcheck disable=SC2016
run "$brim" compare --with system,brim --runs 1 --json "$folder/json" -- sh -c 'case $LD_PRELOAD in *brim*) exit 3 ;; esac'
check "where one fails, it has no numbers, but the same keys" \
  [ "$(grep -c '"failure": .*"metrics": {' "$folder/json")" = 2 ]
run "$brim" compare --with system --runs 1 -- sh -c 'kill -SEGV $$'
check "so is a signal" complained 'signal 11'
run "$brim" compare --with system --runs 1 --timeout 1 -- sleep 20
check "a program that hangs is ended" complained 'not done after 1 s'
run "$brim" compare --with system --runs 1 -- /nonexistent
check "a program that is not there" one_line "can't run '/nonexistent': No such file"
check "ends with a code of its own" exited 66
run "$brim" compare --with system --runs 1 -- "$folder"
check "a folder is no program" one_line 'Permission denied'
run "$brim" compare --with system --runs 1 -- sh -c 'sleep 100 & exit 0'
check "what a program leaves behind is ended" exited 0

run "$brim" compare --with system,nothing=/nonexistent.so --runs 1 -- true
check "a missing library does not stop the others" exited 0
check "and gets one line" complained 'nothing: there is no file /nonexistent.so; left out'
library=$(ldd "$brim" | sed -n 's/.*=> \(.*libm\.so[^ ]*\).*/\1/p')
if [ -n "$library" ]; then
  run "$brim" compare --with "system,m=$library" --runs 1 -- true
  check "a library without malloc is no allocator" complained 'does not replace malloc'
fi
run "$brim" compare --with nonsense -- true
check "an unknown name is a mistake" exited 64
run "$brim" compare --runs 0 -- true
check "no runs" complained 'runs takes a number from 1 to'
run "$brim" compare --base brim --with system -- true
check "a base that is not measured" exited 64
run "$brim" compare
check "nothing to run" exited 64
echo text > "$folder/text.so"
run "$brim" compare --with "text=$folder/text.so" -- true
check "a file that is no library" complained 'text.so is no library; left out'
run "$brim" compare --with name= -- true
check "a name without a library" one_line "'name=' must go on with the path"
run "$brim" compare --with 'a"b=/x' -- true
check "a name that no table could hold" one_line 'may hold letters, digits'
run "$brim" compare --with , -- true
check "a list without a name" one_line 'names no allocator'
run "$brim" compare --nonsense
check "an option that does not exist" one_line 'there is no option --nonsense'
run "$brim" compare --runs
check "an option without its value" one_line '--runs needs a value'
run "$brim" compare --help
check "--help says how many runs are the default" printed 'the default is 5'
check "--help shows the usage" printed '^usage: brim compare '
check "and is no mistake" exited 0
for word in 0 64x 9999G; do
  run "$brim" compare "$word"
  check "$word is no size" one_line "'$word' is no size"
done

# What is wrong with a file is said before anything is measured. A file is written whole, or left as it was.
wrong() {
  text=$1 expected=$2
  shift 2
  run "$brim" compare --with system --runs 1 "$@" -- touch "$folder/ran"
  check "$*: one line" one_line "$text"
  check "$*: exit code $expected" exited "$expected"
  check "$*: nothing was run" [ ! -e "$folder/ran" ]
}
wrong "can't write '/nonexistent/x': No such file" 73 --json /nonexistent/x
wrong 'Is a directory' 73 --csv "$folder"
wrong 'is empty' 64 --html ''
wrong 'two options write to' 64 --json "$folder/same" --csv "$folder/same"
run env PATH=/nonexistent "$brim" compare --with system --runs 1 --plot "$folder/chart.svg" -- /bin/true
check "without gnuplot no chart is begun" one_line 'gnuplot is not installed'
for option in --json --csv --html; do
  [ "$option" = --html ] && ! command -v gnuplot > /dev/null && continue
  run "$brim" compare --with system --runs 1 $option /dev/full -- true
  check "$option on a full disk" one_line 'No space left'
  check "is an error" exited 74
done
run "$brim" compare --with system --runs 1 --csv "$folder/whole" -- true
cp "$folder/known" "$folder/a,\"b"
run "$brim" compare --with system --runs 1 --csv "$folder/odd" -- "$folder/a,\"b"
check "a name with a comma and a quote" grep -q '^compare,"/[^"]*a,""b",,' "$folder/odd"
# Arguments, and what a program prints, may hold any bytes.
odd=$(printf 'a\377\033[31m<')
run "$brim" compare --with system --runs 1 --json "$folder/json" --html "$folder/html" -- sh -c 'printf "%s" "$0" >&2; exit $1' "$odd" 0
check "odd bytes are no commands to the terminal" sh -c '! LC_ALL=C grep -q "[[:cntrl:]]" "$1"' sh "$folder/out"
check "nor in the page" sh -c '! tr -d "\n\t" < "$1" | LC_ALL=C grep -q "[[:cntrl:]]" && grep -q "31m&lt;" "$1"' sh "$folder/html"
if command -v python3 > /dev/null; then
  check "and are JSON" python3 -c 'import json, sys; json.loads(open(sys.argv[1], "rb").read().decode())' "$folder/json"
fi
run "$brim" compare --with system --runs 1 --json "$folder/json" -- sh -c 'printf "%s" "$0" >&2; exit 3' "$odd"
check "nor on standard error" sh -c '! LC_ALL=C grep -q "[[:cntrl:]]" "$1"' sh "$folder/err"
check "only the file is there" [ "$(echo "$folder"/whole*)" = "$folder/whole" ]
ln -s whole "$folder/link"
run "$brim" compare --with system --runs 3 --csv "$folder/link" -- true
check "a link stays a link, and its file is replaced" [ "$(readlink "$folder/link") $(wc -l < "$folder/whole")" = "whole 4" ]
run sh -c '"$0" compare --with system --runs 1 --csv "$1" -- true > /dev/full' "$brim" "$folder/csv"
check "standard output on a full disk" one_line "can't write to standard output: No space"
check "is an error, too" exited 74
run sh -c '"$0" compare --with system --runs 2 --csv "$1" -- true >&-' "$brim" "$folder/csv"
check "closed standard output" one_line "can't write to standard output"
check "does not cost the files" [ "$(wc -l < "$folder/csv")" -eq 3 ]
compile slow.so -shared -fPIC << 'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
void *malloc(size_t size)
{
  static void *(*usual)(size_t);
  if (!usual)
    usual = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
  if (size == 54321)
    sleep(20);
  return usual(size);
}
END
run "$brim" compare --with "slow=$folder/slow.so" --runs 1 --timeout 1 54321
check "--timeout ends single blocks, too" printed 'slow failed: not done after 1 s'
run "$brim" compare 1000G --with system --runs 1
check "a size that no allocator serves" exited 69

# A name for a descriptor: the whole text is written there, between what others have written.
for name in - /dev/stdout /dev/fd/1 /proc/self/fd/1; do
  (echo before; cd "$folder" && "$brim" compare --with system --runs 1 --csv "$name" -- true; echo after) > "$folder/log" 2> "$folder/err"
  check "--csv $name goes between what is printed" \
    sh -c '[ "$(sed -n "1p;\$p" "$1" | xargs)" = "before after" ] && grep -q "^compare,true," "$1" && grep -q "^Medians of" "$1" && [ ! -e "$2/-" ]' \
    sh "$folder/log" "$folder"
done
run "$brim" compare --with system --runs 1 --csv /dev/stderr -- true
check "so does /dev/stderr" complained '^compare,true,'
run "$brim" compare --with system --runs 1 --csv /dev/fd/9 -- true 9>&-
check "a descriptor that is not open" one_line "can't write '/dev/fd/9': Bad file descriptor"

printf 'a\nb\n' > "$folder/input"
run "$brim" compare --with system --runs 3 -- sh -c 'test "$(wc -l)" -eq 2' < "$folder/input"
check "every run reads the input from its start" exited 0

# Each run prints whether it was on Brim. Left out are the first two, which count system calls; two lines make a round.
# shellcheck disable=SC2016
run "$brim" compare --with system,brim --runs 8 -- sh -c 'case $LD_PRELOAD in *brim*) echo b ;; *) echo s ;; esac >> "$0"' "$folder/order"
tail -n 16 "$folder/order" | paste -d '' - - | sort | uniq -c > "$folder/rounds"
check "each round has both, and not always the same after the other" \
  [ "$(awk '{ print $2 }' "$folder/rounds" | paste -sd ' ' -)" = 'bs sb' ]
interrupt INT 1 "$brim" compare --with system --runs 50 --csv "$folder/csv" -- sleep 0.2
check "an interrupt ends the runs" exited 130
check "and leaves the table of what was finished" printed ' of 50 runs'
check "which says how many those were" printed '^Medians of [0-9]* of 50 interleaved runs'
check "and the files" [ "$(wc -l < "$folder/csv")" -gt 1 ]
interrupt INT 1 "$brim" compare --with system,brim --runs 50 -- sleep 0.25
check "of too few, the mark is explained" sh -c 'grep -q "^sleep\|^brim .*?" "$1" && grep -q "^? : too few" "$1"' sh "$folder/out"
interrupt HUP 1 "$brim" compare --with system -- sleep 50
check "so does a terminal that is closed" exited 130
check "of what was not finished there is one line" one_line 'interrupted before the first run was done'
# shellcheck disable=SC2016
run sh -c 'trap "" INT TERM; exec "$@"' sh "$brim" compare --with system --runs 1 -- sh -c 'kill -INT $PPID; kill -TERM $PPID'
check "what is ignored, as by a job in the background, stays so" exited 0
interrupt INT 0.5 "$brim" compare --with system --json "$folder/none" 256M
check "also of sizes" one_line 'interrupted before the first run was done'
check "without a table, and without a file" sh -c '[ ! -s "$1/out" ] && [ ! -e "$1/none" ]' sh "$folder"
finish
