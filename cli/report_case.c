/* report_case.c: the tables that `brim compare` prints. */
#include "report.h"
#include "stat_test.h"
#include "table.h"

#include <math.h>

static void add_head(struct table *table, const enum metric *metrics, size_t count)
{
  table_add(table, "allocator");
  for (size_t i = 0; i < count; i++) {
    table_add(table, "%s", metric_info[metrics[i]].title);
    table_add(table, "+-");
    table_add(table, "ratio ");
  }
}

static void add_cells(struct table *table, const struct results *results, size_t index, size_t allocator,
                      enum metric metric)
{
  char text[16];
  struct summary summary = results_summary(results, index, allocator, metric);
  char mark = allocator == results->base ? ' ' : summary_mark(&summary);
  table_add(table, "%s", format_value(text, metric_info[metric].unit, summary.median));
  table_add(table, "%s", format_spread(text, summary_spread(&summary)));
  table_add(table, "%s", format_ratio(text, summary.ratio, mark));
}

static bool has_runs(const struct results *results, size_t index, size_t allocator)
{
  return results_cell(results, index, allocator)->runs > 0;
}

static void print_measured(const struct results *results, size_t index, FILE *out, const enum metric *metrics,
                           size_t count)
{
  struct table *table = table_create(1 + 3 * count);
  add_head(table, metrics, count);
  for (size_t a = 0; a < results->allocators.count; a++) {
    if (!has_runs(results, index, a))
      continue;
    table_add(table, "%s", results->allocators.row[a].name);
    for (size_t i = 0; i < count; i++)
      add_cells(table, results, index, a, metrics[i]);
  }
  table_print(table, out, REPORT_WIDTH);
}

/* The second table: what the kernel was asked to do. System calls are counted once, so they have no spread. */
static void print_kernel_work(const struct results *results, size_t index, FILE *out)
{
  static const enum metric noisy[] = {METRIC_FAULTS, METRIC_SWITCHES};
  struct table *table = table_create(1 + 3 * 2 + RUN_CALLS);
  add_head(table, noisy, 2);
  for (int call = 0; call < RUN_CALLS; call++)
    table_add(table, "%s", metric_info[METRIC_BRK + call].title);
  for (size_t a = 0; a < results->allocators.count; a++) {
    if (!has_runs(results, index, a))
      continue;
    table_add(table, "%s", results->allocators.row[a].name);
    for (size_t i = 0; i < 2; i++)
      add_cells(table, results, index, a, noisy[i]);
    for (int call = 0; call < RUN_CALLS; call++) {
      char text[16];
      struct summary summary = results_summary(results, index, a, METRIC_BRK + call);
      table_add(table, "%s", format_value(text, UNIT_COUNT, summary.median));
    }
  }
  table_print(table, out, REPORT_WIDTH);
}

void report_case(const struct results *results, size_t index, FILE *out)
{
  static const enum metric main_metrics[] = {METRIC_WALL, METRIC_CPU, METRIC_PEAK, METRIC_END};
  fprintf(out, "%s\n\n", results->cases[index].command);
  print_measured(results, index, out, main_metrics, 4);
  fputc('\n', out);
  print_kernel_work(results, index, out);
  fputc('\n', out);
  for (size_t a = 0; a < results->allocators.count; a++) {
    const struct cell *cell = results_cell(results, index, a);
    const char *name = results->allocators.row[a].name;
    if (cell->failure[0])
      fprintf(out, "%s failed after %zu good runs: %s\n", name, cell->runs, cell->failure);
    else if (cell->runs < results->runs_wanted)
      fprintf(out, "%s: %zu of %u runs\n", name, cell->runs, results->runs_wanted);
    struct summary wall = results_summary(results, index, a, METRIC_WALL);
    if (summary_spread(&wall) > SPREAD_WARNING)
      fprintf(out,
              "warning: %s varies by +-%.0f%% in time: that row says little; use a quieter machine or more --runs\n",
              name, summary_spread(&wall) * 100);
  }
}

void report_legend(const struct results *results, FILE *out)
{
  const struct allocator_list *list = &results->allocators;
  fprintf(out, "Allocators:");
  for (size_t a = 0; a < list->count; a++)
    fprintf(out, "%s %s %s", a ? "," : "", list->row[a].name, list->row[a].version);
  fprintf(
      out,
      "\nMedians of %u interleaved runs; +- is half the distance of the quartiles. Ratios are to %s, run by run.\n",
      results->runs_wanted, list->row[results->base].name);
  if (results->runs_wanted < STAT_RUNS_NEEDED)
    fprintf(out, "? : too few runs to tell a difference from noise (--runs %d or more).\n", STAT_RUNS_NEEDED);
  else
    fprintf(out, "~ : within the noise (Mann-Whitney U test, exact, two-sided, p >= 0.05).\n");
}
