#!/bin/bash
# profile.sh: `brim profile`: its numbers are exact if each block is recorded and right on average if not, whatever the program
# does and however it ends; its files, and what it says of bad input. B is the build's folder.
set -u
. tests/cli/tap.sh
programs=$PWD/$B/tests/preloaded
program=$programs/profile/program
cd "$work" || exit 1

# has LINE PATTERN NAME: a line of the report's head begins with LINE and matches PATTERN.
has() { grep -E "^ *$1 " err | grep -qE -- "$2"; ok $? "$1: $2"; }
# site FUNCTION: the line of numbers of the stack whose innermost function is FUNCTION.
site() { grep -B 1 -E "^ {6}$1( |$)" err | grep -E 'bytes +[0-9.]+%' | head -n 1; }
site_is() { site "$1" | grep -qE "^ *$2 bytes .* $3 blocks?$"; ok $? "$1: $2 bytes in $3 blocks"; }
exactly() { ends "$1" "$2" "$brim" profile --rate 1 --top 1000 "${@:3}"; }

if [ ! -e "$(dirname "$brim")/libbrim-profile.so" ]; then
  says 72 "libbrim-profile.so" "$brim" profile true
  finish
fi

exactly 3 "known blocks" -- "$program" known
has "in all" '30,000 bytes in +40 blocks'
has "at the peak" '11,000 bytes in +11 blocks'
has "never freed" '10,000 bytes in +10 blocks'
site_is leak_here 10,000 10
site_is freed_here 1,000 1
grep -qE '^ {6}leak_here program\.c:[0-9]+$' err; ok $? "function, file and line"
grep -A 1 'leak_here' err | grep -qE '^ {6}known program\.c:[0-9]+$'; ok $? "and what called it"
[ ! -s out ]; ok $? "nothing on standard output"
ends 3 "a standard error that is closed" bash -c '"$@" 2>&-' bash "$brim" profile --rate 1 --json j "$program" known
grep -q '"total_bytes": 30000,' j; ok $? "what would be printed goes into no file: the numbers are right"
odd=$(printf 'we\033[31mird\377') && cp "$program" "$odd" && strip -s "$odd" 2>/dev/null
exactly 3 "a name of odd bytes" -- "./$odd" known
grep -q '^brim profile: we?\[31mird?, process' err && ! LC_ALL=C grep -q '[[:cntrl:]]' err; ok $? "is no command to the terminal"
long=$(printf 'é%.0s' {1..50})
printf '#include <stdlib.h>\nvoid *%s(void) { return malloc(1000); }\nint main(void) { return !%s(); }\n' "$long" "$long" >cut.c
cc -g -fno-builtin -o cut cut.c || exit 71
exactly 0 "a name longer than a line, of letters of two bytes" --by live ./cut
grep -qE '^ {6}(é)+ cut\.c:2$' err; ok $? "is whole where its letters have room"
long=$(printf 'é%.0s' {1..100}) file=$(printf 'é%.0s' {1..60})
printf '#include <stdlib.h>\nvoid *%s(void) { return malloc(1000); }\nint main(void) { return !%s(); }\n' "$long" "$long" >"$file.c"
cc -g -fno-builtin -o cut "$file.c" || exit 71
exactly 0 "one of too many letters, in a file of too many" --by live ./cut
grep -qE '^ {6}(é){28}\.\.\. (é){37}\.\.\.:2$' err; ok $? "is cut between two of them, as the file is"
exactly 3 "--by live" --by live -- "$program" known
site_is leak_here 10,000 10
[ -z "$(site freed_here)" ]; ok $? "nothing of what was freed"
exactly 3 "--by total" --by=total -- "$program" known
site_is freed_here 10,000 20
ends 3 "--top 1" "$brim" profile --rate=1 --top=1 "$program" known
[ "$(grep -cE '[0-9]%' err)" = 1 ]; ok $? "shows one stack"

exactly 3 "two calls in a line" --by live "$program" one-line
site_is leak_here 1,200 2
[ "$(grep -cE '[0-9]%' err)" = 1 ]; ok $? "are one stack"

exactly 3 "every way to allocate" "$program" every-way
has "in all" ' 15 blocks'
has "never freed" ' 0 bytes in +0 blocks'
exactly 3 "a realloc that is refused" --by live "$program" refused
has "in all" ' 70 bytes in +1 block$'
site_is leak_here 70 1

exactly 3 "threads that free each other's blocks" --by total "$program" threads
site_is allocate_many 1,600,000 16,000
exactly 3 "and leave some" --by live "$program" threads
site_is allocate_many 4,000 40
exactly 3 "children of fork and vfork" --by total "$program" forks
site_is leak_here 1,000 1
grep -q 'other processes, which were not recorded' err; ok $? "and the report says that they were not recorded"
for left in 'sleep 0.2; true' 'sleep 0.2 & true'; do
  exactly 0 "of: $left" --json j -- sh -c "$left"
  grep -q 'other processes, which were not recorded' err && grep -q '"has_children": true' j; ok $? "too"
done
exactly 0 "a program without any" --json j -- true
! grep -q 'other processes' err && grep -q '"has_children": false' j; ok $? "of which nothing is said"
exactly 3 "a handler that allocates" --by live "$program" handler
[ -z "$(site freed_here)$(site allocate_inside)" ]; ok $? "nothing of it is left"

cat >leaves.c <<'END'
#include <pthread.h>
#include <stdlib.h>
static void *end_soon(void *unused) { return unused; }
int main(void)
{
  pthread_t thread;
  if (!malloc(2000) || pthread_create(&thread, NULL, end_soon, NULL))
    return 1;
  pthread_exit(NULL);
}
END
cc -g -fno-builtin -pthread -o leaves leaves.c || exit 71
for _ in {1..40}; do "$brim" profile --rate 1 --by live ./leaves 2>err; grep -m 1 -o ' main leaves\.c' err; done >out
[ "$(wc -l <out)" = 40 ]; ok $? "a main thread that leaves when the last of the others ends the process: names each time"
exactly 5 "_exit" "$program" known _exit
has "never freed" '10,000 bytes in +10 blocks'
exactly 137 "SIGKILL" "$program" known kill
has "never freed" '10,000 bytes in +10 blocks'
grep -q 'leak_here program.c' err; ok $? "with functions"
exactly 139 "SIGSEGV" "$program" known crash
has "never freed" '10,000 bytes in +10 blocks'
exactly 134 "abort" "$program" known abort
exactly 3 "exec begins anew" "$program" exec
has "in all" '30,000 bytes in +40 blocks'
exactly 3 "exec of a shell before it" sh -c "exec $program known"
grep -q '^brim profile: program, ' err; ok $? "it says which program it was"
has "in all" '30,000 bytes in +40 blocks'
terminate() { # profile COMMAND...: ends it by SIGTERM when it says that it is ready
  "$brim" profile --rate 1 "$@" >ready &
  until [ -s ready ]; do sleep 0.02; done
  kill $!
  wait $!
}
terminate "$program" known wait >out 2>err
[ $? = 143 ]; ok $? "SIGTERM goes to the program"
has "never freed" '10,000 bytes in +10 blocks'

mkdir tools && printf '#!/bin/sh\n: >"%s/asked"; exec sleep 5\n' "$PWD" | tee tools/llvm-symbolizer >tools/addr2line && chmod +x tools/*
PATH=$PWD/tools:$PATH "$brim" profile --rate 1 "$program" known >out 2>err &
until [ -e asked ]; do sleep 0.02; done
kill $! && wait $!
[ $? = 143 ]; ok $? "after the end of the program, it ends the command"
ends 0 "nohup stays in force" nohup "$brim" profile --rate 1 sh -c 'kill -HUP $$; exit 0'

# 64 MiB in some 120,000 blocks. One sample each 16 KiB makes 4,096: results lie within 5 standard deviations of the truth.
exactly 3 "many sizes, exactly" "$program" many-sizes
for line in "in all" "never freed"; do
  awk -v line="^ *$line" '$0 ~ line { gsub(",", ""); sub(line, ""); print $1, $4 }' err
done >exact
ends 3 "many sizes, estimated" "$brim" profile --rate 16K --json sampled.json "$program" many-sizes
if command -v python3 >/dev/null; then
  python3 - exact sampled.json >out 2>err <<'END'
import json, sys
(total, _), (live, _) = [map(int, line.split()) for line in open(sys.argv[1])]
got = json.load(open(sys.argv[2]))
for name, true in ("total", total), ("live", live):
    # The variance of an estimated sum is at most the sum times the rate: a block adds size^2 (1 - p) / p to it, and p is at
    # least size / (rate + size).
    bound = 5 * (true * got["rate"]) ** 0.5
    print(name, true, got[name + "_bytes"], bound)
    assert abs(got[name + "_bytes"] - true) < bound
END
  ok $? "bytes are right within 5 standard deviations"
else
  skip "no python3"
fi

exactly 3 "full tables" --capacity 100 --by live "$program" many
has "in all" '15,000 bytes in +300 blocks'
has "never freed" '5,000 bytes in +100 blocks'
has "not known" '10,000 bytes in +200 blocks' && grep -q 'than --capacity 100$' err; ok $? "what is missing is said"
exactly 3 "full table of stacks" --capacity 16 --by total "$program" many
has "in all" '15,000 bytes in +300 blocks'
grep -qE '^  [0-9]+ samples have no stack' err && grep -q '(not known)' err; ok $? "what has no stack is said"

exactly 3 "files" --json j --collapsed c "$program" known threads every-way
sum=$(awk '{ sum += $NF } END { print sum }' c)
grep 'at the peak  ' err | tr -d , | grep -q " $sum bytes"; ok $? "collapsed stacks sum up to the head's"
grep -qE '(^|;)main;(run;)?(known;)?leak_here 10000$' c; ok $? "outermost first"
if command -v python3 >/dev/null; then
  python3 -m json.tool j >out; ok $? "JSON"
  python3 - j >out 2>err <<'END'
import json, sys
p = json.load(open(sys.argv[1]))
for sum in "total_bytes", "total_blocks", "peak_bytes", "peak_blocks", "live_bytes", "live_blocks":
    assert p[sum] == __builtins__.sum(site[sum] for site in p["sites"]), sum
assert p["program"] == "program" and p["rate"] == 1 and p["exit_code"] == 3
assert any(place["function"] == "leak_here" and place["line"] > 0 for site in p["sites"] for place in site["stack"])
END
  ok $? "whose sites sum up to its head"
else
  skip "no python3"
fi

# What was never freed.
leaks() { ends "$1" "$2" "$brim" leaks "${@:3}"; }
leaks 3 "leaks" -- "$program" known
has "never freed" '10,000 bytes in +10 blocks'
site_is leak_here 10,000 10
[ "$(grep -c '[0-9]%' err)" = 1 ]; ok $? "and nothing else"
leaks 1 "--fail, for a program that leaks" --fail -- "$program" known end
leaks 0 "without --fail" -- "$program" known end
leaks 3 "--fail, for one that fails by itself" --fail "$program" known
leaks 0 "--fail, for one that leaks nothing" --fail "$program" every-way threads-joined end
leaks 0 "--fail, for one that allocates nothing" --fail "$program" end
leaks 1 "--fail, where more was live than is kept" --fail --capacity 16 --ignore leak_here "$program" many end
for name in leak_here program.c program; do
  leaks 0 "--ignore $name" --fail --ignore $name --json j "$program" known end
  has "left out" '10,000 bytes in +10 blocks'
  has "at the peak" '11,000 bytes in +11 blocks'
done
leaks 1 "--ignore of another function" --fail --ignore=freed_here --ignore leak "$program" known end
leaks 1 "a C++ program" --fail --top 1000 "$programs/profile/cxx" end
site_is 'leak_by_new(\(int\))?' 10,000 25
leaks 0 "what the C++ library keeps" --fail --ignore main "$programs/profile/cxx" end
printf 'int printf(const char *, ...); int main(void) { return printf("to a buffer\\n") != 12; }\n' >stream.c
if "${CC:-cc}" -g -o stream stream.c 2>/dev/null; then
  leaks 0 "the buffer of a stream" --fail ./stream
  has "left out" ' in +1 block$'
else
  skip "no compiler"
fi
cat >names.c <<'END'
#include <stdlib.h>
void *work(void) __asm__("_ZN3app28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE");
__attribute__((noinline)) void *work(void) { return malloc(100); }
int main(void) { return !work(); }
END
if "${CC:-cc}" -O0 -fno-builtin -rdynamic -o names names.c 2>/dev/null; then
  leaks 0 "a function of Rust" --top 1 ./names
  grep -qx ' *app::{{closure}}\( names\.c\)\?' err; ok $? "has the name that it has there"
  leaks 0 "by which it can be left out" --fail --ignore 'app::{{closure}}' ./names
fi
cat >brackets.cc <<'END'
#include <cstdlib>
namespace {
struct caller {
  __attribute__((noinline)) void *operator()(int bytes) const { return std::malloc(bytes); }
};
__attribute__((noinline)) void *make_operator(int bytes) { return std::malloc(bytes); }
}
int main() { return !make_operator(100) || !caller()(200); }
END
if "${CXX:-c++}" -g -O0 -fno-builtin -o brackets brackets.cc 2>/dev/null; then
  for name in '(anonymous namespace)::make_operator' '(anonymous namespace)::make_operator(int)'; do
    leaks 0 "--ignore $name" --ignore "$name" ./brackets
    has "never freed" ' 200 bytes in +1 block$'
  done
  leaks 0 "--ignore of an operator with brackets in its name" --ignore '(anonymous namespace)::caller::operator()' ./brackets
  has "never freed" ' 100 bytes in +1 block$'
fi
# rust PART...: the symbol of a function of Rust.
rust() { printf _ZN; for part in "$@"; do printf '%d%s' ${#part} "$part"; done; printf 17h0123456789abcdefE; }
type=_\$LT\$app..List\$LT\$$(printf 'a%.0s' {1..60})\$GT\$\$GT\$
cat >rust.c <<END
#include <stdlib.h>
void *allocate(int bytes) __asm__("$(rust alloc alloc alloc)");
__attribute__((noinline)) void *allocate(int bytes) { return malloc(bytes); }
void *copied(void) __asm__("$(rust app copied).llvm.123");
__attribute__((noinline)) void *copied(void) { return allocate(100); }
void *of_type(void) __asm__("$(rust "$type" push)");
__attribute__((noinline)) void *of_type(void) { return allocate(200); }
void *begin(void) __asm__("$(rust std rt init)");
__attribute__((noinline)) void *begin(void) { return allocate(400); }
int main(void) { return !begin() || !copied() || !of_type(); }
END
if "${CC:-cc}" -O0 -fno-builtin -rdynamic -o rust rust.c 2>/dev/null; then
  leaks 0 "functions of Rust" ./rust
  has "left out" '400 bytes in +1 block$'
  sed -n '/ 100 bytes/{n;p;}' err | grep -qE '^ {6}app::copied( |$)'; ok $? "what only allocates is not shown, nor which copy of a function it is"
  sed -n '/ 200 bytes/{n;p;}' err | grep -qE '^ {6}<app::List<>>::push( |$)'; ok $? "a name that begins with a type is not cut down to nothing"
fi
says 64 "there is no option --rate" "$brim" leaks --rate 1 true
says 64 "usage: brim leaks" "$brim" leaks --fail
says 64 "there is no option --fail" "$brim" profile --fail true
says 66 "No such file" "$brim" leaks --fail no-such-program

# Programs that were not made for this test, and the allocator's own tests.
ends 4 "a C++ program" "$brim" profile --rate 1 --by live --top 1000 "$programs/profile/cxx"
site_is 'leak_by_new(\(int\))?' 10,000 25
[ "$(wc -L <err)" -le 80 ]; ok $? "80 columns"
for test in api/new api/align api/calloc api/refuse threads/handler fork/busy; do
  [ -x "$programs/$test" ] || continue
  (cd "$OLDPWD" && timeout -k 5 200 "$brim" profile --rate 1 --top 0 "$programs/$test") >out 2>err
  ok $? "tests/$test"
done
for rate in 1 4K 512K; do
  command -v python3 >/dev/null || { skip "no python3"; break; }
  ends 9 "python3 at $rate" "$brim" profile --rate $rate --top 1 python3 -c \
    'import sys, json, subprocess; print(len(json.dumps([str(i) for i in range(20000)]))); subprocess.run("true"); sys.exit(9)'
  grep -qx 168890 out; ok $? "prints what it prints"
done
(cd / && PATH=/nowhere "$brim" profile --top 3 --rate 1 "$program" known) 2>err >out
grep -qE '^ {6}program\+0x[0-9a-f]+' err && grep -q 'install addr2line' err; ok $? "without a tool: the file, an offset, and what to install"

says 64 "'lots' is not a size" "$brim" profile --rate lots true
says 64 "'0' is not from 1" "$brim" profile --rate 0 true
says 64 "'all' is none of" "$brim" profile --by all true
says 64 "'-1' is not a size" "$brim" profile --top -1 true
says 64 "no such option" "$brim" profile --set NO_SUCH=1 true
says 64 "there is no option --no-such" "$brim" profile --no-such 1 true
says 64 "--rate needs a value" "$brim" profile --rate
says 64 "usage: brim profile" "$brim" profile --
says 66 "No such file" "$brim" profile no-such-program
says 64 "two options write to 'file'; give each a file of its own" "$brim" profile --json file --collapsed file true
says 73 "can't write '/nowhere/file'" "$brim" profile --json /nowhere/file true
says 77 "Permission denied" "$brim" profile /etc/passwd
echo 'int main(void) { return 9; }' >main.c
if "${CC:-cc}" -o static -static main.c 2>/dev/null; then
  says 69 "statically linked" "$brim" profile ./static
  ends 9 "a static program that another becomes" "$brim" profile sh -c 'exec ./static'
  grep -q "nothing was recorded of 'static'" err; ok $? "it says that nothing was recorded"
  "${CC:-cc}" -x c -static -o static0 - <<<'int main(void) { return 0; }'
  ends 69 "nor is it said to leak nothing" "$brim" leaks --fail sh -c 'exec ./static0'
else
  skip "no static C library"
fi
if "${CC:-cc}" -x c -shared -fPIC -Wl,-soname,libgone.so -o libgone.so - <<<'int gone(void) { return 0; }' &&
  "${CC:-cc}" -x c -Wl,--no-as-needed -L. -o lost - -lgone <<<'int main(void) { return 0; }' && rm libgone.so; then
  ends 127 "a program that the loader ends" "$brim" profile ./lost
  grep -q "nothing was recorded of 'lost': it ended before it began" err; ok $? "which is no lack of memory"
fi
if unshare -Urpf true 2>/dev/null; then
  ends 0 "a program that /proc does not show" unshare -Urpf "$brim" profile true
  grep -q "nothing was recorded of 'true': /proc does not show it" err; ok $? "it says so"
else
  skip "no namespaces"
fi
limited() { # OPTION... COMMAND...
  (ulimit -v 300000 && "$brim" profile --rate 1 "$@")
}
export -f limited; export brim
ends 3 "a limit on the address space" bash -c 'limited "$@"' bash "$program" known
grep -q "nothing was recorded of 'program': no memory for the records; a lower --capacity" err; ok $? "it says what to do"
ends 3 "that done" bash -c 'limited "$@"' bash --capacity 1000 "$program" known
has "never freed" '10,000 bytes in +10 blocks'
echo 'void *malloc(unsigned long n) { static char all[9999]; return all + n; } int main(void) { return !malloc(1); }' >own.c
if "${CC:-cc}" -fno-builtin -rdynamic -o own own.c 2>/dev/null; then
  says 69 "'./own' brings its own malloc" "$brim" profile ./own
  ends 0 "a program with its own malloc that another becomes" "$brim" profile sh -c 'exec ./own'
  grep -q "nothing was recorded of 'own': it brings its own malloc" err; ok $? "it says so"
fi
finish
