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

only_by() { # INSTALL
  make --no-print-directory --always-make --dry-run B="$work/none" INSTALL="$1" install |
    awk -v by="$1" '/^install / { print; others = 1 } index($0, by) == 1 { all++ } END { exit others || !all }'
}
check "INSTALL is what installs" only_by "ginstall -p"
runs_on_brim() { BRIM_VERBOSE=1 "$@" 2>&1 | grep -q '^brim: active'; }
cp -a "$B/obj" "$work/obj"
# The manual pages have lists that the command prints, which does not run here if it is for another machine.
cp -a "$B/brim" "$B/libbrim-prefixed.a" "$work"
page() { make B="$work" RUNNER="$1" "$work/man/brim.1" && grep -q '^\.It Ic run ' "$work/man/brim.1"; }
no_page() { ! page false && ! page false && [ ! -e "$work/man/brim.1" ]; }
check "no manual page where the command does not run" no_page
check "  but one where it does" page env
for linker in bfd gold lld mold; do
  if command -v "ld.$linker" >/dev/null; then
    check "ld.$linker links it" make B="$work" LDFLAGS="-fuse-ld=$linker" "$work/libbrim.so"
    check "  a program runs with that" runs_on_brim env LD_PRELOAD="$work/libbrim.so" sh -c :
    rm -f "$work"/libbrim.so*
  fi
done

# Tests use all that a block has, which the C library may be told to stop.
check "a test is built with -D_FORTIFY_SOURCE" make B="$work" CPPFLAGS=-D_FORTIFY_SOURCE=3 "$work/tests/static/api/usable"
check "  and passes" "$work/tests/static/api/usable"

# As distributions build archives: with code for the link-time optimiser, which they take out afterwards.
if command -v gcc >/dev/null; then
  lto() { make B="$work/lto" CC=gcc CFLAGS='-flto=auto -ffat-lto-objects' "$work/lto/libbrim.a"; }
  without_lto() { strip -p -R '.gnu.lto_*' -R '.gnu.debuglto_*' -N __gnu_lto_v1 "$1" && ! readelf -SW "$1" | grep -q '\.gnu\.lto_'; }
  check "an archive with code for -flto" lto
  check "  that code can be taken out" without_lto "$work/lto/libbrim.a"
  printf '#include <stdlib.h>\nint main(int n, char **words) { return !realloc(*words ? NULL : words, (size_t)n); }\n' >"$work/quiet.c"
  check "  a program links the rest" gcc "$work/quiet.c" "$work/lto/libbrim.a" -o "$work/quiet"
  check "  and runs" runs_on_brim "$work/quiet"
fi

echo "1..$count"
exit $failures
