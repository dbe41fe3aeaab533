# shellcheck shell=bash disable=SC2034 # what it sets is for those who source it
# tap.sh: shared by the tests of commands that run a program: TAP, and checks of what such a command says and how it ends. Sourced
# from the root of the repository; changes to a folder of its own. B is the build's folder.
brim=$PWD/$B/brim
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
count=0 failures=0

ok() { # CONDITION NAME
  count=$((count + 1))
  if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failures=1; head -n 30 out err | sed 's/^/# /'; fi
}
skip() { count=$((count + 1)); echo "ok $count # SKIP $1"; }
finish() { echo "1..$count"; exit $failures; }
# ends CODE NAME COMMAND...: the command's exit code; its output is left in out and err.
ends() {
  local code=$1 name=$2 got
  shift 2
  timeout -k 5 100 "$@" >out 2>err
  got=$?
  [ $got = "$code" ]; ok $? "$name: exit code $got, expected $code"
}
# says CODE TEXT COMMAND...: one line on stderr that contains the text, and an exit code.
says() {
  local code=$1 text=$2
  shift 2
  ends "$code" "$text" "$@"
  [ "$(wc -l <err)" = 1 ] && grep -qF -- "$text" err; ok $? "in one line"
}
