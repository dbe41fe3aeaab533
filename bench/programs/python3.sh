#!/bin/sh
# python3.sh: dictionaries, lists and strings of an interpreter that counts references.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help Python builds and drops dictionaries, lists and strings"
  echo "needs python3"
  echo "quick 1"
  echo "full 1"
  exit
fi
# PYTHONMALLOC: else Python's own allocator for small objects stands in front of malloc.
PYTHONMALLOC=malloc PYTHONHASHSEED=0 exec python3 -S -c '
import sys
def work(n):
    words = {}
    for i in range(n):
        key = "k%d" % (i * 7919 % 10007)
        words.setdefault(key, []).append((i, str(i)))
    return sum(len(" ".join(s for _, s in v).split()) for v in words.values())
for _ in range(int(sys.argv[1])):
    assert work(60000) == 60000
' "$2"
