#!/bin/bash
# secure.sh: a program with raised privileges (AT_SECURE) ignores every option in the environment, whether it is linked with
# the shared or the static library. B is the build's folder.
set -u
if [ "$(id -u)" != 0 ]; then echo "1..0 # SKIP only root can make a set-user-ID program of root's"; exit; fi
work=$(mktemp -d /var/tmp/brim.XXXXXX); trap 'rm -rf "$work"' EXIT
if findmnt -no OPTIONS -T "$work" 2>/dev/null | grep -q nosuid; then
  echo "1..0 # SKIP this file system ignores set-user-ID"; exit
fi
count=0 failures=0
ok() { # CONDITION NAME
  count=$((count + 1))
  if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failures=1; sed 's/^/# /' "$work/out"; fi
}
# as_nobody PROGRAM...: with options of which each would print something; what is printed is left in out.
as_nobody() {
  setpriv --reuid 65534 --regid 65534 --clear-groups \
    env BRIM_VERBOSE=1 BRIM_STATS=1 BRIM_NO_SUCH=1 BRIM_ON_MISUSE=warn "$@" >"$work/out" 2>&1
}

cp "$B/libbrim.so.0" "$B/brim" "$work/" && ln -s libbrim.so.0 "$work/libbrim.so" && chmod 755 "$work" || exit 1
cat >"$work/main.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
int main(void)
{
  free(malloc(100));
  printf("secure %lu\n", getauxval(AT_SECURE));
}
END
for way in shared static; do
  program=$work/$way
  case $way in
  shared) "${CC:-cc}" -o "$program" "$work/main.c" -L"$work" -lbrim -Wl,-rpath,"$work" ;;
  static) "${CC:-cc}" -o "$program" "$work/main.c" "$B/libbrim.a" -pthread ;;
  esac
  chmod 755 "$program"
  as_nobody "$program"
  grep -qx 'secure 0' "$work/out" && grep -q '^brim: active' "$work/out" && grep -q 'BRIM_NO_SUCH' "$work/out"
  ok $? "$way: without privileges, the options are read"
  chmod 4755 "$program"
  as_nobody "$program"
  [ "$(cat "$work/out")" = 'secure 1' ]
  ok $? "$way: set-user-ID, nothing is said"
done

as_nobody "$work/brim" run "$work/shared"
[ $? = 77 ] && [ "$(grep -c 'raised privileges' "$work/out")" = 1 ]
ok $? "brim run says why it can't"

echo "1..$count"
exit $failures
