# real.sh: what the scripts of this folder share: TAP, a folder of their own, and a way to run on the library.
# shellcheck shell=bash
set -u
work=$(mktemp -d)
chmod 755 "$work"
cd "$work" || exit 1
count=0

finish() { rm -rf "$work"; }
trap finish EXIT

on_brim() { timeout 600 env LD_PRELOAD="$LIB" "$@"; }

# needs PROGRAM...: the script ends, skipped, if one is missing.
needs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null && continue
    echo "1..0 # SKIP $program is not installed"
    exit 0
  done
}

# check NAME COMMAND...: passes if the command ends with 0 and the library reports no misuse. If not, the end of what it printed
# goes to stderr, which prove shows.
check() {
  local name=$1 code
  shift
  count=$((count + 1))
  "$@" >log 2>&1
  code=$?
  if [ $code = 0 ] && ! grep -qE '^brim: |cannot be preloaded' log; then
    echo "ok $count - $name"
  else
    echo "not ok $count - $name (exit code $code)"
    {
      echo "$name:"
      grep -E '^brim: |cannot be preloaded' log | head -n 5
      tail -n 30 log
    } | sed 's/^/# /' >&2
  fi
}

# same NAME COMMAND...: passes if the command prints the same with the library as without.
same() {
  local name=$1
  shift
  "$@" >expected 2>&1
  check "$name" sh -c 'LD_PRELOAD=$LIB "$@" >got 2>&1; code=$?; cat got; cmp expected got && exit $code' sh "$@"
}

# quick A B: prints A in a quick run, else B.
quick() { if [ -n "$QUICK" ]; then echo "$1"; else echo "$2"; fi; }
end() { echo "1..$count"; }
