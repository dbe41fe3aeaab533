# shellcheck shell=sh disable=SC2034
# tap.sh: what the tests of `brim compare` and `brim bench` share. Sourced; prints TAP.
BUILD=${BUILD:-${B:-build}}
brim=$(realpath "$BUILD/brim")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0

# check NAME COMMAND...: passes if the command succeeds.
check() {
  name=$1
  shift
  count=$((count + 1))
  if "$@"; then
    echo "ok $count - $name"
  else
    echo "not ok $count - $name"
    for file in "$folder/out" "$folder/err"; do
      [ -f "$file" ] && sed "s/^/# ${file##*/}: /" "$file"
    done
  fi
}

# run COMMAND...: keeps its output in $folder/out and $folder/err, and its exit code in $code.
run() {
  code=0
  "$@" > "$folder/out" 2> "$folder/err" || code=$?
}

# interrupt SIGNAL SECONDS COMMAND...: like run, but sends the signal after so long.
interrupt() {
  signal=$1 after=$2
  shift 2
  # The signals' default actions are set: a job in the background, or under nohup, ignores some.
  env --default-signal "$@" > "$folder/out" 2> "$folder/err" &
  pid=$!
  sleep "$after"
  kill -"$signal" "$pid"
  code=0
  wait "$pid" || code=$?
}

printed() { grep -q -e "$1" "$folder/out"; }
complained() { grep -q -e "$1" "$folder/err"; }
one_line() { [ "$(wc -l < "$folder/err")" -eq 1 ] && complained "$1"; }
exited() { [ "$code" -eq "$1" ]; }
skip() {
  count=$((count + 1))
  echo "ok $count - $1 # SKIP $2"
}
# compile NAME FLAGS...: a program from standard input.
compile() {
  output=$folder/$1
  shift
  ${CC:-cc} -O1 -fno-builtin -o "$output" -xc - "$@"
}
finish() { echo "1..$count"; }
