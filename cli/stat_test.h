/* stat_test.h: order statistics and the Mann-Whitney U test, on small samples. */
#ifndef BRIM_CLI_STAT_TEST_H
#define BRIM_CLI_STAT_TEST_H

#include <stddef.h>

enum { SAMPLE_MAX = 100 };

/* The value below which the fraction `q` (0 to 1) of the sample lies, interpolated. NAN for an empty sample. */
double stat_quantile(const double *sample, size_t count, double q);

/* The exact two-sided probability that two samples of one distribution differ in their ranks at least as much as these.
 * Equal values share a rank. Each sample has at most SAMPLE_MAX values. */
double stat_mann_whitney(const double *a, size_t a_count, const double *b, size_t b_count);

/* Runs that each side needs before any difference can have a probability below 0.05. */
enum { STAT_RUNS_NEEDED = 4 };

#endif
