/* results.c */
#include "results.h"
#include "stat_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool results_init(struct results *results, size_t cases_n)
{
  results->cases_n = cases_n;
  results->cases = calloc(cases_n, sizeof *results->cases);
  results->cells = calloc(cases_n * results->allocators.count, sizeof *results->cells);
  return results->cases && results->cells;
}

void results_free(struct results *results)
{
  for (size_t i = 0; results->cells && i < results->cases_n * results->allocators.count; i++)
    for (int m = 0; m < METRICS; m++)
      free(results->cells[i].values[m]);
  for (size_t i = 0; results->cases && i < results->cases_n; i++)
    free(results->cases[i].command);
  free(results->cells);
  free(results->cases);
}

struct cell *results_cell(const struct results *results, size_t index, size_t allocator)
{
  return &results->cells[index * results->allocators.count + allocator];
}

bool results_add_run(struct results *results, size_t index, size_t allocator, const double value[METRICS])
{
  struct cell *cell = results_cell(results, index, allocator);
  for (int m = 0; m < METRICS; m++) {
    double *grown = realloc(cell->values[m], (cell->runs + 1) * sizeof *grown);
    if (!grown)
      return false;
    cell->values[m] = grown;
    grown[cell->runs] = value[m];
  }
  cell->runs++;
  return true;
}

size_t results_runs(const struct results *results)
{
  size_t runs = 0;
  for (size_t i = 0; i < results->cases_n * results->allocators.count; i++)
    runs += results->cells[i].runs;
  return runs;
}

const char *results_runs_text(char text[64], size_t least, size_t most, unsigned wanted)
{
  int length = snprintf(text, 64, "%zu", least);
  if (least < most)
    length += snprintf(text + length, 64 - (size_t)length, " to %zu", most);
  if (least < wanted)
    snprintf(text + length, 64 - (size_t)length, " of %u", wanted);
  return text;
}

void results_runs_done(const struct results *results, size_t *least, size_t *most)
{
  *least = *most = 0;
  for (size_t i = 0; i < results->cases_n * results->allocators.count; i++) {
    size_t runs = results->cells[i].runs;
    *least = runs && (!*least || runs < *least) ? runs : *least;
    *most = runs > *most ? runs : *most;
  }
}

bool results_measured(const struct results *results, size_t index)
{
  for (size_t a = 0; a < results->allocators.count; a++)
    if (results_cell(results, index, a)->runs)
      return true;
  return false;
}

size_t results_failures(const struct results *results)
{
  size_t failures = 0;
  for (size_t i = 0; i < results->cases_n * results->allocators.count; i++)
    failures += results->cells[i].failure[0] != '\0';
  return failures;
}

struct summary results_summary(const struct results *results, size_t index, size_t allocator, enum metric metric)
{
  const struct cell *cell = results_cell(results, index, allocator);
  const struct cell *base = results_cell(results, index, results->base);
  const double *values = cell->values[metric], *base_values = base->values[metric];
  struct summary summary = {NAN, NAN, NAN, NAN, NAN};
  if (!cell->runs || isnan(values[0]))
    return summary;
  summary.median = stat_quantile(values, cell->runs, 0.5);
  if (cell->runs > 1) {
    summary.low = stat_quantile(values, cell->runs, 0.25);
    summary.high = stat_quantile(values, cell->runs, 0.75);
  }
  if (!base->runs || isnan(base_values[0]))
    return summary;
  double ratios[SAMPLE_MAX];
  size_t pairs = cell->runs < base->runs ? cell->runs : base->runs;
  for (size_t i = 0; i < pairs; i++)
    ratios[i] = values[i] == base_values[i] ? 1 : values[i] / base_values[i];
  summary.ratio = stat_quantile(ratios, pairs, 0.5);
  if (cell->runs >= STAT_RUNS_NEEDED && base->runs >= STAT_RUNS_NEEDED)
    summary.p = stat_mann_whitney(values, cell->runs, base_values, base->runs);
  return summary;
}

double summary_spread(const struct summary *summary)
{
  return summary->median > 0 ? (summary->high - summary->low) / 2 / summary->median : NAN;
}

char summary_mark(const struct summary *summary) { return isnan(summary->p) ? '?' : summary->p < 0.05 ? ' ' : '~'; }
