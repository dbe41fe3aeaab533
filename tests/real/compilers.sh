#!/bin/bash
# compilers.sh: gcc and clang compile something large; the object files are the same as without the library.
. "$(dirname "$0")/real.sh"
functions=$(quick 400 6000)
awk -v n="$functions" 'BEGIN {
  print "#include <stdio.h>\n#include <string.h>\nstruct s { int a[16]; struct s *next; };"
  for (i = 0; i < n; i++)
    printf "int f%d(struct s *p, int n) { int sum = %d; for (int i = 0; i < n; i++) { switch ((p->a[i %% 16] + i) %% 7) {" \
      " case 0: sum += p->a[%d] * i; break; case 1: sum ^= i << %d; break; case 2: p = p->next; break;" \
      " case 3: sum += (int)strlen(\"text %d\"); break; default: sum -= p->a[i & 15]; } } return sum%s; }\n", \
      i, i, i % 16, i % 20, i, i ? " + f" (i - 1) "(p, n - 1)" : ""
}' >large.c
for compiler in gcc clang; do
  command -v $compiler >/dev/null || continue
  $compiler -O2 -c -o without.o large.c
  rm -f with.o
  check "$compiler -O2, $functions functions" on_brim $compiler -O2 -c -o with.o large.c
  check "$compiler: the same object file" cmp without.o with.o
done
if command -v g++ >/dev/null; then
  printf '#include <%s>\n' algorithm functional iostream map memory random regex string thread unordered_map vector >large.cc
  echo 'int main() { std::map<std::string, std::vector<int>> m; std::regex r("a+b"); return m.size() + std::regex_match("b", r); }' >>large.cc
  g++ -O2 -c -o without.o large.cc
  check 'g++ -O2, large headers' on_brim g++ -O2 -c -o with.o large.cc
  check 'g++: the same object file' cmp without.o with.o
fi
end
