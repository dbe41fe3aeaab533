/* report_case.c: the tables that `brim compare` prints. */
#include "report.h"
#include "stat_test.h"
#include "table.h"

#include <string.h>

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
  char mark = ' ';
  if (allocator != results->base)
    mark = summary_mark(&summary);
  table_add(table, "%s", format_value(text, metric_info[metric].unit, summary.median));
  table_add(table, "%s", format_spread(text, summary_spread(&summary)));
  table_add(table, "%s", format_ratio(text, summary.ratio, mark));
}

static bool has_runs(const struct results *results, size_t index, size_t allocator)
{
  return results_cell(results, index, allocator)->runs > 0;
}

static void print_measured(const struct results *results, size_t index, const struct page *page,
                           const enum metric *metrics, size_t count)
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
  page_table(page, table);
}

/* The second table: what the kernel was asked to do. System calls are counted once, so they have no spread. */
static void print_kernel_work(const struct results *results, size_t index, const struct page *page)
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
  page_table(page, table);
  if (run_can_trace())
    page_line(
        page,
        "Faults: of pages. Switches: of context. brk to mprotect: calls of these, in a run that was not timed.");
}

void report_case(const struct results *results, size_t index, const struct page *page)
{
  static const enum metric main_metrics[] = {METRIC_WALL, METRIC_CPU, METRIC_PEAK, METRIC_END};
  page_heading(page, "%s", results->cases[index].command);
  print_measured(results, index, page, main_metrics, 4);
  print_kernel_work(results, index, page);
  for (size_t a = 0; a < results->allocators.count; a++) {
    const struct cell *cell = results_cell(results, index, a);
    const char *name = results->allocators.row[a].name;
    struct summary wall = results_summary(results, index, a, METRIC_WALL);
    double spread = summary_spread(&wall);
    if (cell->failure[0])
      page_line(page, "%s failed after %zu good runs: %s", name, cell->runs, cell->failure);
    else if (cell->runs < results->runs_wanted)
      page_line(page, "%s: %zu of %u runs", name, cell->runs, results->runs_wanted);
    if (spread > SPREAD_WARNING)
      page_line(page,
                "warning: %s varies by +-%.0f%% in time: that row says little; use a quieter machine or more --runs",
                name, spread * 100);
  }
}

/* "Allocators: glibc 2.36, ..." over as many lines as it takes. */
static void print_versions(const struct allocator_list *list, const struct page *page)
{
  char line[PAGE_WIDTH + 1] = "Allocators:";
  for (size_t a = 0; a < list->count; a++) {
    char item[80];
    size_t used = strlen(line);
    snprintf(item, sizeof item, " %s %s%s", list->row[a].name, list->row[a].version, a + 1 < list->count ? "," : "");
    if (used + strlen(item) > PAGE_WIDTH) {
      page_line(page, "%s", line);
      used = (size_t)snprintf(line, sizeof line, "  ");
    }
    snprintf(line + used, sizeof line - used, "%s", item);
  }
  page_line(page, "%s", line);
}

void report_legend(const struct results *results, const struct page *page)
{
  const char *base = results->allocators.row[results->base].name;
  char text[64];
  size_t least, most;
  results_runs_done(results, &least, &most);
  print_versions(&results->allocators, page);
  page_line(
      page,
      "Medians of %s interleaved run%s; +- is half the distance of the quartiles. Ratios are to %s, run by run.",
      results_runs_text(text, least, most, results->runs_wanted), results->runs_wanted == 1 ? "" : "s", base);
  if (least < STAT_RUNS_NEEDED)
    page_line(page, "? : too few runs to tell a difference from noise (--runs %d or more).", STAT_RUNS_NEEDED);
  if (most >= STAT_RUNS_NEEDED)
    page_line(page, "~ : within the noise (Mann-Whitney U test, exact, two-sided, p >= 0.05).");
}
