#!/bin/bash
# completion.sh: what bash offers after `brim`. B is the build's folder.
set -u
brim=$PWD/$B/brim
count=0 failures=0
. package/brim.bash

# offers EXPECTED WORD...: whether the last word, after brim and the other words, is completed by exactly EXPECTED or, if that
# is a pattern with *, by what matches it.
offers() {
  local expected=$1 got
  shift
  COMP_WORDS=("$brim" "$@") COMP_CWORD=$# COMPREPLY=()
  _brim 2>/dev/null
  got=" ${COMPREPLY[*]} "
  count=$((count + 1))
  # shellcheck disable=SC2053 # a pattern
  if [[ $got == $expected ]]; then
    echo "ok $count - brim $*"
  else
    echo "not ok $count - brim $*: '$got', not '$expected'"
    failures=1
  fi
}

offers ' version ' ver
offers ' help ' he
offers ' bench ' help ben
offers ' --set ' run --se
offers ' --at-peak ' map --at
offers '*--quick*' bench --
offers ' HOSTS= ' run --set HO
offers '* bash *' run bas
offers '* bash *' run --stats bas
offers '* bash *' run --stats = json --set HOSTS = 2 bas
offers '* bash *' run -- bas
offers '* bash *' map --brim -- bas
offers '* bash *' compare -- bas
offers '  ' run ls --se
offers '  ' run -- ls ba
offers '  ' run --set HOSTS = ba
offers ' pairs ' bench pai
offers ' patterns ' bench --quick patt
echo "1..$count"
exit $failures
