# shellcheck shell=bash disable=SC2034 # what it sets is for those who source it
# tap.sh: shared by the tests of this folder: cases as TAP lines. Sourced; sets B, the build's folder.
B=${BUILD:-build}
brim=$B/brim
case_n=0 failed_n=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ok NAME COMMAND...: passes if the command succeeds; else what it printed is shown.
ok() {
  local name=$1
  shift
  case_n=$((case_n + 1))
  if "$@" >"$work/shown" 2>&1; then
    echo "ok $case_n - $name"
  else
    failed_n=$((failed_n + 1))
    echo "not ok $case_n - $name"
    echo "# failed: $*"
    sed 's/^/# /' "$work/shown"
  fi
}
skip() {
  case_n=$((case_n + 1))
  echo "ok $case_n - $1 # SKIP $2"
}
# shows PATTERN COMMAND...: the command succeeds and a line of its output matches.
shows() {
  local pattern=$1
  shift
  "$@" >"$work/out" 2>&1 || { cat "$work/out"; return 1; }
  grep -qE -- "$pattern" "$work/out" || { cat "$work/out"; return 1; }
}
# fails CODE PATTERN COMMAND...: the command ends with the code, and says why in one line, on stderr.
fails() {
  local code=$1 pattern=$2 seen=0
  shift 2
  "$@" >"$work/out" 2>"$work/err" </dev/null || seen=$?
  cat "$work/err"
  echo "exit code $seen, wanted $code"
  [ "$seen" = "$code" ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" = 1 ] && grep -qE -- "$pattern" "$work/err"
}
is_json() {
  "$@" >"$work/json" && python3 -m json.tool "$work/json" >/dev/null
}
finish() {
  echo "1..$case_n"
  [ "$failed_n" = 0 ]
}
