/* report.c: what comes of measuring in the end: files, tables, and an exit code. */
#include "report.h"
#include "cli.h"

#include <string.h>

bool report_is_suite(const struct results *results) { return strcmp(results->cases[0].suite, "compare") != 0; }

void report_tables(const struct results *results, const struct page *page)
{
  if (report_is_suite(results))
    report_suite(results, page);
  else
    report_case(results, 0, page);
}

int report_results(const struct results *results, const struct measure_options *options)
{
  const struct page page = {.out = stdout};
  size_t runs = results_runs(results);
  int code = 0;
  if (runs) {
    code = report_files(results, options);
    report_tables(results, &page);
    report_legend(results, &page);
  }
  if (run_interrupted())
    return runs ? 130 : fail(130, "interrupted before the first run was done");
  if (!runs)
    return fail(EX_UNAVAILABLE, "nothing was measured");
  return code ? code : results_failures(results) ? 1 : 0;
}
