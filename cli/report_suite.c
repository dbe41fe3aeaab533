/* report_suite.c: the tables that `brim bench` prints: cases by allocators, means, and how things scale. */
#include "report.h"
#include "table.h"

#include <math.h>
#include <string.h>

static bool is_scaling(const struct result_case *row) { return !strcmp(row->suite, "scaling"); }

static bool same_case(const struct results *results, size_t a, size_t b)
{
  return !strcmp(results->cases[a].name, results->cases[b].name);
}

static void add_heads(struct table *table, const struct results *results, const char *first, bool with_base)
{
  table_add(table, "%s", first);
  if (with_base)
    table_add(table, "%s", results->allocators.row[results->base].name);
  for (size_t a = 0; a < results->allocators.count; a++)
    if (!with_base || a != results->base)
      table_add(table, "%s", results->allocators.row[a].name);
}

/* " !" behind the name of a row that varies too much to mean anything. */
static const char *noise_mark(const struct results *results, size_t index, enum metric metric)
{
  for (size_t a = 0; a < results->allocators.count; a++) {
    struct summary summary = results_summary(results, index, a, metric);
    if (summary_spread(&summary) > SPREAD_WARNING)
      return " !";
  }
  return "";
}

static void add_ratio(struct table *table, const struct results *results, size_t index, size_t allocator,
                      enum metric metric)
{
  char text[16];
  const struct cell *cell = results_cell(results, index, allocator);
  struct summary summary = results_summary(results, index, allocator, metric);
  if (cell->failure[0])
    table_add(table, "failed ");
  else
    table_add(table, "%s", format_ratio(text, summary.ratio, summary_mark(&summary)));
}

double report_mean_ratio(const struct results *results, const char *suite, size_t allocator, enum metric metric,
                         size_t *cases)
{
  double sum = 0;
  *cases = 0;
  for (size_t i = 0, next; i < results->cases_n; i = next) {
    double logs = 0;
    size_t points = 0;
    bool whole = true;
    for (next = i; next < results->cases_n && same_case(results, i, next); next++, points++)
      for (size_t a = 0; a < results->allocators.count; a++) {
        struct summary summary = results_summary(results, next, a, metric);
        whole &= isfinite(summary.ratio) && summary.ratio > 0 && !results_cell(results, next, a)->failure[0];
        logs += a == allocator ? log(summary.ratio) : 0;
      }
    if (!whole || is_scaling(&results->cases[i]) || (suite && strcmp(results->cases[i].suite, suite) != 0))
      continue;
    sum += logs / (double)points;
    ++*cases;
  }
  return *cases ? exp(sum / (double)*cases) : NAN;
}

/* Adds the row of means, if there are any cases for it; returns whether there were. */
static bool add_mean(struct table *table, const struct results *results, const char *suite, enum metric metric)
{
  size_t cases;
  char text[16];
  if (isnan(report_mean_ratio(results, suite, results->base, metric, &cases)))
    return false;
  table_add(table, "mean of %zu %s", cases, suite ? suite : "cases");
  table_add(table, "%s", "1.00");
  for (size_t a = 0; a < results->allocators.count; a++)
    if (a != results->base)
      table_add(table, "%s", format_ratio(text, report_mean_ratio(results, suite, a, metric, &cases), ' '));
  return true;
}

/* Returns whether there was a row to print. */
static bool print_ratios(const struct results *results, const char *title, enum metric metric,
                         const struct page *page)
{
  struct table *table = table_create(1 + results->allocators.count);
  char text[16];
  size_t rows = 0;
  add_heads(table, results, title, true);
  for (size_t i = 0; i < results->cases_n; i++) {
    if (is_scaling(&results->cases[i]) || !results_measured(results, i))
      continue;
    rows++;
    struct summary base = results_summary(results, i, results->base, metric);
    table_add(table, "%s%s%s%s", results->cases[i].name, results->cases[i].point[0] ? " " : "",
              results->cases[i].point, noise_mark(results, i, metric));
    table_add(table, "%s", format_value(text, metric_info[metric].unit, base.median));
    for (size_t a = 0; a < results->allocators.count; a++)
      if (a != results->base)
        add_ratio(table, results, i, a, metric);
  }
  bool patterns = add_mean(table, results, "patterns", metric),
       programs = add_mean(table, results, "programs", metric);
  if (patterns && programs)
    add_mean(table, results, NULL, metric);
  if (rows) {
    page_table(page, table);
  } else {
    table_free(table);
  }
  return rows > 0;
}

double report_scaled(const struct results *results, size_t index, size_t allocator, bool time)
{
  if (results_cell(results, index, allocator)->failure[0])
    return NAN;
  struct summary value = results_summary(results, index, allocator, time ? METRIC_WALL : METRIC_PEAK);
  struct summary per = results_summary(results, index, allocator, time ? METRIC_OPS : METRIC_LIVE);
  return value.median / per.median;
}

/* The rows of one case, in absolute numbers, as it matters how they change from row to row. */
static void print_scaling(const struct results *results, size_t first, bool time, const struct page *page)
{
  struct table *table = table_create(1 + results->allocators.count);
  char text[64];
  snprintf(text, sizeof text, "%s, %s", results->cases[first].name, time ? "time/op" : "peak RSS/live");
  add_heads(table, results, text, false);
  for (size_t i = first; i < results->cases_n && same_case(results, first, i); i++) {
    if (!results_measured(results, i))
      continue;
    table_add(table, "%s%s", results->cases[i].point[0] ? results->cases[i].point : "-",
              noise_mark(results, i, time ? METRIC_WALL : METRIC_PEAK));
    for (size_t a = 0; a < results->allocators.count; a++) {
      double scaled = report_scaled(results, i, a, time);
      if (results_cell(results, i, a)->failure[0])
        table_add(table, "failed");
      else
        table_add(table, "%s", time ? format_value(text, UNIT_SECONDS, scaled) : format_ratio(text, scaled, ' '));
    }
  }
  page_table(page, table);
}

void report_suite(const struct results *results, const struct page *page)
{
  bool compared = print_ratios(results, "Time", METRIC_WALL, page);
  print_ratios(results, "Peak RSS", METRIC_PEAK, page);
  print_ratios(results, "RSS at end", METRIC_END, page);
  if (compared)
    page_line(
        page,
        "Numbers are of %s, the others are ratios to it: below 1 is less, which is better. Means are geometric.\n",
        results->allocators.row[results->base].name);
  for (size_t i = 0; i < results->cases_n; i++) {
    if (!is_scaling(&results->cases[i]) || (i && same_case(results, i, i - 1)) || !results_measured(results, i))
      continue;
    print_scaling(results, i, true, page);
    print_scaling(results, i, false, page);
  }
  for (size_t i = 0; i < results->cases_n; i++)
    for (size_t a = 0; a < results->allocators.count; a++)
      if (results_cell(results, i, a)->failure[0])
        page_line(page, "%s%s%s: %s failed: %s", results->cases[i].name, results->cases[i].point[0] ? " " : "",
                  results->cases[i].point, results->allocators.row[a].name, results_cell(results, i, a)->failure);
  page_line(page, "! : varies by more than +-%.0f%% under an allocator: the row says little.", SPREAD_WARNING * 100);
}
