#!/bin/sh
# headers.sh: the headers give no warning in any standard of C and C++, alone or beside <malloc.h>.
set -u
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
n=0 failures=0
quiet() { # COMPILER STANDARD SUFFIX
  n=$((n + 1))
  for order in '#include <brim/region.h>' '#include <malloc.h>
#include <brim/brim.h>
#include <brim/region.h>
#include <brim/brim.h>' '#include <brim/brim.h>
#include <malloc.h>'; do
    printf '%s\nint main(void) { return brim_version() != BRIM_VERSION; }\n' "$order" >"$work/program.$3"
    "$1" -std="$2" -pedantic-errors -Wall -Wextra -Wshadow -Wundef -Werror -Iinclude -c "$work/program.$3" -o "$work/program.o" \
      >>"$work/log" 2>&1 || { echo "not ok $n - $1 -std=$2"; sed 's/^/# /' "$work/log"; failures=1; return; }
  done
  echo "ok $n - $1 -std=$2"
}
# clang warns in C89 of bool, gcc does not.
command -v gcc >/dev/null && quiet gcc c89 c
for compiler in gcc clang; do
  command -v "$compiler" >/dev/null && for standard in c99 c11 c17 c2x; do quiet "$compiler" $standard c; done
done
for compiler in g++ clang++; do
  command -v "$compiler" >/dev/null && for standard in c++98 c++11 c++14 c++17 c++20; do quiet "$compiler" $standard cc; done
done
echo "1..$n"
exit $failures
