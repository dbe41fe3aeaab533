#!/bin/bash
# flags.sh: a build with flags and tools of a distribution. B is the build's folder, whose objects are linked anew, in a copy.
set -u
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
count=0 failures=0

check() { # NAME COMMAND...
  local name=$1
  shift
  count=$((count + 1))
  if "$@" >"$work/log" 2>&1; then echo "ok $count - $name"; else echo "not ok $count - $name"; failures=1; sed 's/^/# /' "$work/log"; fi
}
# Each file that is compiled is compiled with the word.
has_word() { # WORD
  make --no-print-directory --always-make --dry-run B="$work/none" CC=cc CXX=c++ CPPFLAGS="$1" all lab \
    "$work/none/tests/preloaded/api/align" "$work/none/tests/preloaded/api/new" |
    awk -v word="$1" '/^(cc|c\+\+) .*\.cc?( |$)/ { all++; has += index($0, word) > 0 } END { exit !all || has != all }'
}
check "CPPFLAGS are taken" has_word -D_FORTIFY_SOURCE=2

echo "1..$count"
exit $failures
