#!/bin/bash
# refusals.t: no program of the lab crashes when a call is refused: it says which call, or that a claim does not hold, and
# ends with 0 or 1. In each run, a preloaded library refuses one call.
. "$(dirname "$0")/tap.sh"
lab=$(cd "$(dirname "$0")/../../lab" && pwd)
export LC_ALL=C

cat >"$work/refuse.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

static atomic_int calls;
/* Whether this call is number REFUSE. The first bytes of a process are given out before there is an environment. */
static int refused(void)
{
  const char *which = getenv("REFUSE");
  if (!which || ++calls != atoi(which))
    return 0;
  errno = ENOMEM;
  return 1;
}
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void *sbrk(intptr_t bytes) { return bytes && refused() ? (void *)-1 : REAL(sbrk)(bytes); }
void *mmap(void *where, size_t bytes, int protection, int flags, int fd, off_t offset)
{
  return refused() ? MAP_FAILED : REAL(mmap)(where, bytes, protection, flags, fd, offset);
}
int munmap(void *start, size_t bytes) { return refused() ? -1 : REAL(munmap)(start, bytes); }
int mprotect(void *start, size_t bytes, int protection) { return refused() ? -1 : REAL(mprotect)(start, bytes, protection); }
void *mremap(void *start, size_t bytes, size_t length, int flags, ...)
{
  return refused() ? MAP_FAILED : REAL(mremap)(start, bytes, length, flags);
}
void *__libc_malloc(size_t size);
void *__libc_realloc(void *block, size_t size);
void *malloc(size_t size) { return refused() ? NULL : __libc_malloc(size); }
void *realloc(void *block, size_t size) { return refused() ? NULL : __libc_realloc(block, size); }
END

# survives PROGRAM CALL
survives() {
  local code=0
  REFUSE=$2 LD_PRELOAD=$work/refuse.so timeout 60 "$work/$1" >"$work/said" 2>&1 || code=$?
  case $code in
  0) return 0 ;;
  1) grep -qE '^  NO: |Cannot allocate memory' "$work/said" && return 0 ;;
  esac
  echo "call $2 refused: exit code $code"
  tail -n 3 "$work/said"
  return 1
}
survives_each() {
  local call program=$1
  shift
  for call in "$@"; do
    survives "$program" "$call" || return 1
  done
}

if ! ${CC:-cc} -O1 -shared -fPIC -o "$work/refuse.so" "$work/refuse.c" -ldl 2>"$work/said"; then
  skip "refusals" "this C library can't be stood in for"
  finish
  exit
fi
for source in "$lab"/[1-9]-*.c; do
  name=$(basename "$source" .c)
  ${CC:-cc} -std=c17 -O2 -o "$work/$name" "$source" -pthread
  case $name in
  7-*) calls="1 2 10 40" ;;
  *) calls="$(seq 1 25) 40" ;;
  esac
  # shellcheck disable=SC2086 # the list is words
  ok "$name with one call refused" survives_each "$name" $calls
done
finish
