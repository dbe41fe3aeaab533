#!/bin/sh
# bench.t: every case describes itself and does its work; the suite can be run in parts.
. "$(dirname "$0")/tap.sh"

run "$brim" bench --list
check "the cases are listed" exited 0
for path in "$BUILD"/bench/*; do
  case=${path##*/}
  check "$case is in the list" printed " $case "
done
cp "$folder/out" "$folder/list"
run "$brim" bench --list pairs
check "one case is listed alone" [ "$(wc -l < "$folder/out")" -eq 2 ]
check "with its points" printed 'points: 16 .*(quick: '
run "$brim" bench --list patterns --quick
check "a suite is listed alone" sh -c '! grep -q "^scaling\|^programs" "$1"' sh "$folder/out"
check "with its quick points" sh -c 'grep -q "points: " "$1" && ! grep -q quick: "$1"' sh "$folder/out"
# A point that every machine can take, at the least effort.
for path in "$BUILD"/bench/*; do
  case=${path##*/}
  case $(sed -n "s/^\([a-z]*\) *$case .*/\1/p" "$folder/list") in
  patterns | scaling)
    point=$("$BUILD/bench/$case" --describe | sed -n 's/^quick \([^ ]*\).*/\1/p')
    check "$case $point runs" sh -c "'$BUILD/bench/$case' $point 1 > '$folder/numbers'"
    ;;
  esac
done
check "a case counts its operations" sh -c "'$BUILD/bench/pairs' 16 1 | grep -q '^ops 3200000$'"
check "a case refuses a point that is no number" sh -c "! '$BUILD/bench/pairs' x 1 2> '$folder/err'"

run "$brim" bench --quick --runs 2 --with system,brim --json "$folder/json" --csv "$folder/csv" --html "$folder/html" pairs tree \
  scale_threads
check "parts of the suite run" exited 0
check "times are compared" printed '^Time '
check "how to read it is said" printed '^Numbers are of \(glibc\|system\), '
check "so is memory" printed '^Peak RSS '
check "the means count the cases" printed '^mean of 2 patterns'
check "scaling has its table" printed '^scale_threads, time/op'
check "one CSV row a run" [ "$(wc -l < "$folder/csv")" -eq 25 ]
check "the page is whole" grep -q '</html>' "$folder/html"
if command -v gnuplot > /dev/null; then
  check "and has its chart in it" grep -q '<svg' "$folder/html"
  check "of time and memory" sh -c "grep -q 'wall, ratio' '$folder/html' && grep -q 'RSS at end, ratio' '$folder/html'"
else
  check "without gnuplot one line says so" complained 'gnuplot is not installed'
fi
if python3 -c 'import json' 2> /dev/null; then
  check "the JSON is well-formed" python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$folder/json"
fi
run "$brim" bench --quick --runs 2 --timeout 1 --with system,brim --csv "$folder/none/csv" pairs
check "a folder that is not there is noticed before the work" one_line "can't write"
# An allocator under which the second run of one case fails.
if ! ldd "$brim" | grep -q musl; then
  compile flaky.so -shared -fPIC << END
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
extern void *__libc_malloc(size_t);
void *malloc(size_t n) { return __libc_malloc(n); }
__attribute__((constructor)) static void fail_later(void)
{
  char path[4096] = "";
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  int again = length > 0 && open(strstr(path, "/tree") ? "$folder/tree" : "$folder/scale", O_CREAT | O_EXCL, 0600) < 0;
  if (again && (strstr(path, "/tree") || strstr(path, "/scale_")))
    abort();
}
END
  run "$brim" bench --quick --runs 3 --with "system,flaky=$folder/flaky.so" --csv "$folder/csv" \
    pairs tree scale_mappings
  check "a case that fails under an allocator is an error" exited 1
  check "of one line" complained '^brim bench: tree: flaky: killed by signal 6'
  check "for each point" [ "$(wc -l < "$folder/err")" -eq 3 ]
  check "the others go on" [ "$(grep -c '^patterns,tree,.*,glibc,' "$folder/csv")" -eq 3 ]
  check "what failed is no number" printed '^tree .* failed'
  check "and is in no mean" printed '^mean of 1 patterns'
  check "not where it scales either" printed '^2000 .* failed'
  check "the table says why" printed '^tree.*: flaky failed: killed by signal 6'
fi
# A case is one file; a point that does not fit is left out.
mkdir -p "$folder/own/bench"
cp "$brim" "$folder/own/"
cat > "$folder/own/bench/vast" << 'END'
#!/bin/sh
if [ "$1" = --describe ]; then
  printf 'suite scaling\nhelp a case of our own\nquick 1 1000000G\nfull 1\nmemory 2\n'
else
  printf 'ops 1\nlive 1\nseconds 1\n'
fi
END
chmod +x "$folder/own/bench/vast"
run "$folder/own/brim" bench --quick --runs 1 --with system
check "a case that is put into the folder runs" printed '^1  *1.00 s'
check "a point that needs more memory than there is does not" one_line 'vast 1000000G: left out, it may need .* TiB'

# With one allocator, every ratio is 1 and no axis has a breadth of its own.
run "$brim" bench --quick --runs 1 --with system --html "$folder/html" pairs scale_mappings
check "one allocator alone is drawn too" exited 0
if command -v gnuplot > /dev/null; then
  check "without a complaint" sh -c "grep -q '<svg' '$folder/html' && ! test -s '$folder/err'"
fi

# An interrupt before the series begin: the charts are drawn without them, from what was measured.
interrupt INT 2 "$brim" bench --quick --runs 50 --with system,brim --csv "$folder/csv" --html "$folder/html" pairs scaling
check "an interrupt ends the suite" exited 130
check "and leaves the table of what was finished" printed '^pairs 16 '
check "the rows" [ "$(wc -l < "$folder/csv")" -gt 1 ]
check "and the page" grep -q '</html>' "$folder/html"
if command -v gnuplot > /dev/null; then
  check "with its chart, and without a complaint" sh -c "grep -q '<svg' '$folder/html' && ! test -s '$folder/err'"
fi
run "$brim" bench nonsense
check "an unknown case is a mistake" exited 64
check "and the line says where to look" complained 'brim bench --list'
finish
