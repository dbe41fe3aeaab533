#!/bin/bash
# run.sh: `brim run`: what reaches the program, its exit code, and what is said of programs into which nothing can be
# preloaded. B is the build's folder.
set -u
. tests/cli/tap.sh
library=$PWD/$B/libbrim.so.0 archive=$PWD/$B/libbrim.a
cd "$work" || exit 1

compile() { "${CC:-cc}" -o "$@" main.c 2>/dev/null; }

ends 0 "a program" "$brim" run true
ends 7 "its own exit code" "$brim" run -- sh -c 'exit 7'
ends 137 "its own signal" sh -c '"$1" run sh -c "kill -9 \$\$"; exit $?' sh "$brim"
ends 3 "its own options" "$brim" run sh -c 'exit $#' --stats --set a b

ends 0 "without LD_PRELOAD" env -u LD_PRELOAD "$brim" run printenv LD_PRELOAD
grep -qx "$library" out; ok $? "LD_PRELOAD is the library"
ends 0 "with LD_PRELOAD" env LD_PRELOAD=/nowhere/other.so "$brim" run printenv LD_PRELOAD
grep -qx "$library:/nowhere/other.so" out; ok $? "the library comes first"
ends 0 "--stats" "$brim" run --stats -- printenv BRIM_STATS
grep -qx 1 out; ok $? "sets BRIM_STATS"
[ -s err ]; ok $? "and something is printed at the end"
ends 0 "--stats=json" "$brim" run --stats=json printenv BRIM_STATS
grep -qx json out; ok $? "sets BRIM_STATS=json"
ends 0 "--set" "$brim" run --set CACHE_MAX=1M --set=BRIM_PURGE_DELAY=10 printenv BRIM_CACHE_MAX BRIM_PURGE_DELAY
grep -qx 1M out && grep -qx 10 out; ok $? "sets options, with and without BRIM_"
mkdir "a b" && cp "$brim" "$library" "a b/" && ln -s libbrim.so.0 "a b/libbrim.so"
says 72 "spaces and colons" "a b/brim" run true

# What the environment asks of the program's library, the command's own copy must not do as well.
ends 66 "BRIM_STATS and no program" env BRIM_STATS=1 "$brim" run ./no-such-program
[ "$(wc -l <err)" = 1 ]; ok $? "brings no statistics of the command"
ends 0 "BRIM_STATS and BRIM_VERBOSE" env BRIM_STATS=1 BRIM_VERBOSE=1 "$brim" run true
[ "$(grep -c 'brim: active' err)" = 1 ] && [ "$(grep -c 'statistics of' err)" = 1 ]; ok $? "each once"
ends 0 "an option in the environment that there is not" env BRIM_HUGEPAGES=0 "$brim" run true
[ "$(grep -c 'BRIM_HUGEPAGES=0: no such option' err)" = 1 ]; ok $? "one line of the program's library"
for command in options "explain malloc 1"; do
  # shellcheck disable=SC2086 # the command is words
  ends 0 "$command" env BRIM_HUGEPAGES=0 BRIM_STATS=1 BRIM_VERBOSE=1 "$brim" $command
  [ "$(wc -l <err)" = 1 ] && grep -q 'BRIM_HUGEPAGES=0: no such option' err; ok $? "one line of the command"
done
ends 0 "brim options" env BRIM_STATS=json BRIM_CACHE_MAX=1M BRIM_VERBOSE=2 "$brim" options
grep -qE '^BRIM_STATS=json +\(default 0\)' out && grep -qE '^BRIM_CACHE_MAX=1M +\(default 64M\)' out && grep -q '^BRIM_VERBOSE=0 ' out
ok $? "shows what is taken from the environment"

says 64 "no such option" "$brim" run --set NO_SUCH=1 true
says 64 "CACHE_MAX=lots" "$brim" run --set CACHE_MAX=lots true
says 64 "NAME=VALUE" "$brim" run --set CACHE_MAX true
says 64 "STATS=xml: none of the choices (0|1|json)" "$brim" run --stats=xml true
says 64 "MMAP_THRESHOLD=1: too small (1K to 4G)" "$brim" run --set MMAP_THRESHOLD=1 true
says 64 "CACHE_SHARE=100: too large (0 to 90)" "$brim" run --set CACHE_SHARE=100 true
says 64 "VERBOSE=2: too large (0|1)" "$brim" run --set VERBOSE=2 true
ends 0 "brim options" "$brim" options
[ "$(grep -c '^BRIM_' out)" = "$(grep -c '^BRIM_.*  \[.*\]$' out)" ]; ok $? "says of each what it may be"
ends 0 "brim options --json" "$brim" options --json
grep -q '"BRIM_MMAP_THRESHOLD", .*"min": "1K", "max": "4G"' out && grep -q '"BRIM_STATS", .*"choices": \["0", "1", "json"\]' out
ok $? "does, too"
says 64 "there is no option --no-such; 'brim help run' lists them" "$brim" run --no-such true
says 64 "there is no option --no-such; 'brim help options' lists them" "$brim" options --no-such
says 64 "there is no option --json=1; 'brim help options' lists them" "$brim" options --json=1
says 64 "--set needs a value" "$brim" run --set
says 64 "usage:" "$brim" run
says 64 "usage:" "$brim" run --

says 66 "No such file" "$brim" run no-such-program
says 66 "No such file" "$brim" run ./no-such-program
says 77 "Permission denied" "$brim" run /etc/passwd
says 77 "Permission denied" "$brim" run /
printf '#!/nowhere/interpreter\n' >lost && chmod +x lost
says 72 "/nowhere/interpreter" "$brim" run ./lost
printf '#!./loop\n' >loop && chmod +x loop
says 65 "script" "$brim" run ./loop
printf '#!/bin/sh\nexit 5\n' >script && chmod +x script
ends 5 "a script" "$brim" run ./script
printf 'exit 6\n' >bare && chmod +x bare
ends 6 "a script without #!" "$brim" run ./bare

echo 'int main(void) { return 9; }' >main.c
if compile static -static; then
  says 69 "statically linked" "$brim" run ./static
  printf '#!./static\n' >by-static && printf '#!/usr/bin/env -S static -x\n' >by-env && chmod +x by-*
  says 69 "'./static', which runs './by-static', is statically linked" "$brim" run ./by-static
  says 69 "which runs './by-env'" env PATH="$PATH:." "$brim" run ./by-env
else
  skip "no static C library"
fi
cat >main.c <<'END'
#include <stddef.h>
static char memory[1 << 20];
static size_t used;
void *malloc(size_t n) { used += (n + 15) & ~(size_t)15; return memory + used - ((n + 15) & ~(size_t)15); }
void free(void *p) { (void)p; }
int main(void) { return malloc(1) ? 9 : 0; }
END
compile own
says 69 "'./own' brings its own malloc, which no library replaces" "$brim" run ./own
echo 'int main(void) { return 9; }' >main.c
for sanitizer in address thread leak; do
  if compile sanitized -fsanitize=$sanitizer && readelf -d sanitized | grep -q 'NEEDED.*lib[atl]san'; then
    says 69 "'./sanitized' is built with a sanitizer, which needs a malloc of its own" "$brim" run ./sanitized
  else
    skip "no library of the $sanitizer sanitizer"
  fi
done
if compile undefined -fsanitize=undefined; then
  ends 9 "one that leaves malloc alone" "$brim" run ./undefined
fi
if compile linked -Wl,--whole-archive "$archive" -Wl,--no-whole-archive -pthread; then
  ends 9 "a program that is linked with libbrim.a" "$brim" run --set VERBOSE=1 --stats ./linked
  [ "$(grep -c 'brim: active.*linked into the program' err)" = 1 ] && [ "$(grep -c 'statistics of' err)" = 1 ]
  ok $? "has one Brim, its own"
fi
if compile linked-static -static -Wl,--whole-archive "$archive" -Wl,--no-whole-archive -pthread; then
  ends 9 "a static one" "$brim" run --set VERBOSE=1 ./linked-static
  grep -q 'brim: active.*linked into the program' err; ok $? "runs on Brim"
fi
# The header of a program for another machine: class, byte order and machine are all that is read.
printf '\177ELF\2\2\1\0\0\0\0\0\0\0\0\0\0\2\0\026%044d' 0 >foreign && chmod +x foreign
says 69 "built for s390" "$brim" run ./foreign
if compile musl -Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1; then
  says 69 "built for musl" "$brim" run ./musl
fi
if compile lost-loader -Wl,--dynamic-linker=/nowhere/ld.so; then
  says 72 "/nowhere/ld.so" "$brim" run ./lost-loader
fi

if [ "$(id -u)" = 0 ] && chmod 755 . && cp /bin/true setgid && chgrp 12 setgid && chmod 2755 setgid; then
  if grep -q nosuid <(findmnt -no OPTIONS -T . 2>/dev/null); then
    skip "this file system ignores set-group-ID"
  else
    says 77 "raised privileges" "$brim" run ./setgid
    ends 0 "set-group-ID without new privileges" setpriv --no-new-privs "$brim" run ./setgid
  fi
else
  skip "only root can make a set-group-ID program of another group"
fi

for command in "help run" "run --help"; do
  # shellcheck disable=SC2086 # the command is words
  ends 0 "brim $command" "$brim" $command
  grep -q '^usage: brim run ' out && grep -q '^  --set NAME=VALUE' out && grep -q '^  --stats' out && ! grep -q '^  --svg' out
  ok $? "lists the options of that command"
done
says 64 "there is no command 'nosuch'; 'brim help' lists them" "$brim" help nosuch
says 64 "there is no command 'nosuch'; 'brim help' lists them" "$brim" nosuch
ends 0 "brim help" "$brim" help
[ "$(grep -cE '^  brim (help|version|run)\b' out)" = 3 ]; ok $? "lists itself, too"
# Each option in a usage line has its row, and each row its option.
for command in $("$brim" help | awk '/^  brim/ { print $2 }'); do
  "$brim" help "$command" >out 2>err
  [ "$(sed -n 1p out | grep -o -- '--[a-z-]*[a-z]' | sort)" = "$(grep -o '^  --[a-z-]*' out | tr -d ' ' | sort)" ]
  ok $? "the options of $command are those of its usage"
done
# ---- the statistics go to stderr as it was at the start, or nowhere ------------------------------------------------

cat >main.c <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *fill_and_end(void *unused)
{
  memset(malloc(50 << 20), 1, 50 << 20);
  exit(unused != NULL);
}

int main(int argc, char **argv)
{
  if (argc > 1 && !strcmp(argv[1], "files")) { /* as a daemon does: closes all, and opens its own */
    for (int file = 3; file < 256; file++)
      close(file);
    for (int file = 0; file < 100; file++)
      open("own", O_WRONLY | O_CREAT | O_APPEND, 0600);
  } else if (argc > 1 && !strcmp(argv[1], "stderr")) {
    close(2);
    open("own", O_WRONLY | O_CREAT | O_APPEND, 0600);
  } else if (argc > 1 && !strcmp(argv[1], "child")) { /* outlives its parent, without stderr */
    if (!fork()) {
      close(0), close(1), close(2);
      sleep(20);
    }
  } else if (argc > 1 && !strcmp(argv[1], "thread")) {
    pthread_t thread;
    pthread_create(&thread, NULL, fill_and_end, NULL);
    pthread_exit(NULL);
  } else if (argc > 1 && !strcmp(argv[1], "pipe")) { /* whose reader has ended */
    sleep(1);
    puts("the last line");
  }
  return 0;
}
END
if compile files -pthread; then
  : >own
  ends 0 "a program that closes all files" "$brim" run --stats ./files files
  [ ! -s own ] && [ -s err ]; ok $? "its statistics are not in a file of its own"
  ends 0 "a program that opens a file as stderr" "$brim" run --stats ./files stderr
  [ ! -s own ] && [ -s err ]; ok $? "nor there"
  (ulimit -n 60 && "$brim" run --stats ./files stderr) 2>/dev/null
  [ ! -s own ]; ok $? "nor where no other number is to be had"
  before=$(date +%s)
  text=$("$brim" run --stats ./files child 2>&1)
  [ -n "$text" ] && [ $(($(date +%s) - before)) -lt 15 ]; ok $? "a child that lives on does not keep stderr open"
  { "$brim" run --stats ./files pipe 3>&1 2>&1 >out; echo $? >code; } | true
  [ "$(cat code)" = 0 ] && grep -qx "the last line" out; ok $? "a reader of the statistics that has ended ends nobody"
  "$brim" run --stats=json ./files thread 2>err
  [ "$(sed 's/.*"resident_peak": \([0-9]*\).*/\1/' err)" -gt 52428800 ]; ok $? "the process's memory, when its first thread has ended"
else
  skip "no compiler"
fi

finish
