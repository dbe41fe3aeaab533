/* results.h: everything that was measured, the runs of each case under each allocator, and how it is summed up. */
#ifndef BRIM_CLI_RESULTS_H
#define BRIM_CLI_RESULTS_H

#include "allocators.h"
#include "measure.h"

/* One thing that is run under every allocator: the user's program, or one point of a case of the suite. */
struct result_case {
  char suite[16], name[40], point[24]; /* point is empty where a case has only one */
  char *command;                       /* as a user would type it; freed with the results */
};

/* The runs of one case under one allocator. */
struct cell {
  double *values[METRICS]; /* by run */
  size_t runs;
  char failure[256]; /* empty, or why there are no (more) runs */
};

struct results {
  struct allocator_list allocators;
  size_t base; /* index of the allocator that the others are compared with */
  unsigned runs_wanted;
  struct result_case *cases;
  size_t cases_n;
  struct cell *cells; /* [case][allocator] */
};

struct summary {
  double median, low, high; /* low and high: the quartiles */
  double ratio;             /* the median of the paired ratios to the base's runs */
  double p;                 /* Mann-Whitney; NAN with too few runs */
};

/* The results of `cases_n` cases, all without runs. False if memory is out. */
bool results_init(struct results *results, size_t cases_n);
void results_free(struct results *results);

struct cell *results_cell(const struct results *results, size_t index, size_t allocator);
bool results_add_run(struct results *results, size_t index, size_t allocator, const double value[METRICS]);
/* How many runs there are in all. */
size_t results_runs(const struct results *results);
/* "5", or where an interrupt or a failure left fewer, "2 of 5" or "2 to 4 of 5". `least` and `most` are the runs done. */
const char *results_runs_text(char text[64], size_t least, size_t most, unsigned wanted);
/* The fewest and the most runs among the cells that have any. */
void results_runs_done(const struct results *results, size_t *least, size_t *most);
/* Whether the case has a run under any allocator: an interrupt leaves some without. */
bool results_measured(const struct results *results, size_t index);
/* How many cells have failed. */
size_t results_failures(const struct results *results);
struct summary results_summary(const struct results *results, size_t index, size_t allocator, enum metric metric);

/* Half the distance of the quartiles, as a part of the median: the +- column. NAN with fewer than two runs. */
double summary_spread(const struct summary *summary);

/* Whether the difference from the base is within the noise: '~' if so, ' ' if not, '?' if there were too few runs. */
char summary_mark(const struct summary *summary);

/* A spread above this makes a row worth a warning. */
#define SPREAD_WARNING 0.15

#endif
