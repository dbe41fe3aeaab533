#!/bin/bash
# valgrind.sh: memcheck puts its own malloc in the place of the preloaded library's, by itself or told the library's name, and
# finds what it finds without it. Under tools that do not, the library serves the program.
. "$(dirname "$0")/real.sh"
needs valgrind perl gcc
cat >work.pl <<'END_WORK'
my %h; $h{$_ * 7919 % 10007} .= "x" x ($_ % 500) for 1 .. shift;
print scalar(keys %h), " ", length(join "", values %h), "\n";
END_WORK
cat >bad.c <<'END_BAD'
#include <stdlib.h>
int main(void)
{
  char *volatile block = malloc(100);
  block[100] = 1;
  free(block);
  block[0] = 1;
  return 0;
}
END_BAD
gcc -g -O0 -w -o bad bad.c
n=$(quick 5000 50000)
perl work.pl "$n" >expected
as_without() { on_brim valgrind -q --error-exitcode=9 "$@" perl work.pl "$n" >got && cmp expected got; }
faults() { on_brim valgrind --error-exitcode=9 "$@" ./bad >out 2>&1; test $? = 9 && test "$(grep -c 'Invalid write' out)" = 2; }
serves() { BRIM_VERBOSE=1 on_brim valgrind "$@" perl work.pl "$n" >got 2>err && cmp expected got && grep -q 'active' err; }
check 'memcheck: no error where there is none' as_without
check 'memcheck: a write past the end and one after free' faults
check 'memcheck: the same by the name of the library' faults '--soname-synonyms=somalloc=*brim*'
check 'callgrind: the library serves' serves --tool=callgrind --callgrind-out-file=calls
check 'callgrind: and is what is measured' grep -q brimi_ calls
end
