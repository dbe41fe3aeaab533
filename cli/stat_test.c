/* stat_test.c: the exact distribution is counted, not approximated: with as few as five runs, an approximation by the normal
 * distribution is at its worst. */
#include "stat_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_doubles(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double stat_quantile(const double *sample, size_t count, double q)
{
  double sorted[SAMPLE_MAX];
  if (!count || count > SAMPLE_MAX)
    return NAN;
  memcpy(sorted, sample, count * sizeof *sample);
  qsort(sorted, count, sizeof *sorted, compare_doubles);
  double position = q * (double)(count - 1);
  size_t below = (size_t)position;
  if (below + 1 >= count)
    return sorted[count - 1];
  return sorted[below] + (position - (double)below) * (sorted[below + 1] - sorted[below]);
}

/* Twice the rank of each value in the pool, so that shared ranks are whole numbers. */
static void rank_twice(const double *pool, size_t count, unsigned *ranks)
{
  for (size_t i = 0; i < count; i++) {
    ranks[i] = 1;
    for (size_t j = 0; j < count; j++)
      ranks[i] += pool[j] < pool[i] ? 2 : pool[j] == pool[i] ? 1 : 0;
  }
}

double stat_mann_whitney(const double *a, size_t a_count, const double *b, size_t b_count)
{
  enum { POOL = 2 * SAMPLE_MAX };
  size_t count = a_count + b_count;
  double pool[POOL];
  unsigned ranks[POOL];
  if (!a_count || !b_count || a_count > SAMPLE_MAX || b_count > SAMPLE_MAX)
    return NAN;
  memcpy(pool, a, a_count * sizeof *a);
  memcpy(pool + a_count, b, b_count * sizeof *b);
  rank_twice(pool, count, ranks);

  /* ways[k][s]: the probability that k of the values so far are chosen and their ranks add up to s. Value i is chosen with
   * probability (left to choose) / (left in the pool). With probabilities, unlike counts, no binomial overflows. */
  size_t total = 0, observed = 0;
  for (size_t i = 0; i < count; i++)
    total += ranks[i];
  for (size_t i = 0; i < a_count; i++)
    observed += ranks[i];
  double *ways = calloc((a_count + 1) * (total + 1), sizeof *ways);
  if (!ways)
    return NAN;
  ways[0] = 1;
  for (size_t i = 0; i < count; i++)
    for (size_t k = a_count < i ? a_count : i;; k--) {
      double choose = (double)(a_count - k) / (double)(count - i);
      double *from = ways + k * (total + 1), *to = from + total + 1;
      for (size_t s = 0; s <= total; s++) {
        if (!from[s])
          continue;
        if (choose > 0)
          to[s + ranks[i]] += choose * from[s];
        from[s] *= 1 - choose;
      }
      if (!k)
        break;
    }

  /* All sums as far from the middle as the observed one, or farther, on either side. */
  double middle = (double)total * (double)a_count / (double)count, p = 0;
  for (size_t s = 0; s <= total; s++)
    if (fabs((double)s - middle) >= fabs((double)observed - middle) - 1e-9)
      p += ways[a_count * (total + 1) + s];
  free(ways);
  return p < 1 ? p : 1;
}
