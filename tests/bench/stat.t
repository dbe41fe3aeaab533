#!/bin/sh
# stat.t: quantiles and the Mann-Whitney test against values that were counted by hand or by enumeration.
. "$(dirname "$0")/tap.sh"
cat > "$folder/stat.c" <<'END'
#include "stat_test.h"
#include <math.h>
#include <stdio.h>

static int failed, count;
static void near(const char *name, double got, double want)
{
  int good = fabs(got - want) < 1e-9;
  printf("%s %d - %s: %.10g\n", good ? "ok" : "not ok", ++count, name, got);
  failed |= !good;
}
#define P(a, b) stat_mann_whitney(a, sizeof(a) / sizeof(a)[0], b, sizeof(b) / sizeof(b)[0])

int main(void)
{
  double low[] = {1, 2, 3, 4, 5}, high[] = {6, 7, 8, 9, 10}, three[] = {1, 1, 1};
  double tied_a[] = {1, 2, 2, 3, 9}, tied_b[] = {2, 3, 4, 4, 10}, uneven_a[] = {5, 1, 7, 7, 2, 9}, uneven_b[] = {8, 8, 3};
  double many_a[100], many_b[100];
  for (int i = 0; i < 100; i++)
    many_a[i] = i, many_b[i] = i + 1000;
  near("complete separation of 5 and 5 is 2 in 252", P(low, high), 2.0 / 252);
  near("the order of the samples does not matter", P(high, low), 2.0 / 252);
  near("equal values differ by nothing", P(three, three), 1);
  near("shared ranks", P(tied_a, tied_b), 2.0 / 9);
  near("samples of two lengths", P(uneven_a, uneven_b), 10.0 / 21);
  near("a hundred each", P(many_a, many_b) < 1e-50, 1);
  near("a hundred equal ones", P(many_a, many_a), 1);
  near("median of an odd number", stat_quantile(low, 5, 0.5), 3);
  near("median of an even number", stat_quantile(low, 4, 0.5), 2.5);
  near("first quartile", stat_quantile(low, 5, 0.25), 2);
  near("a sample of one", stat_quantile(low, 1, 0.75), 1);
  near("an empty sample has no median", isnan(stat_quantile(low, 0, 0.5)), 1);
  printf("1..%d\n", count);
  return failed;
}
END
${CC:-cc} -O1 -Icli -o "$folder/stat" "$folder/stat.c" cli/stat_test.c -lm && "$folder/stat"
