/* report.h: the ways to look at results. */
#ifndef BRIM_CLI_REPORT_H
#define BRIM_CLI_REPORT_H

#include "measure_options.h"
#include "page.h"
#include "results.h"

#include <stdio.h>

/* Whether the results are those of a suite, not of one program. */
bool report_is_suite(const struct results *results);
/* The tables of either kind. */
void report_tables(const struct results *results, const struct page *page);
/* How a command ends that has measured: writes the files, prints tables and legend, and returns the exit code. */
int report_results(const struct results *results, const struct measure_options *options);

/* Tables of one case: all numbers of each allocator. */
void report_case(const struct results *results, size_t index, const struct page *page);
/* What was measured, how, and what the marks mean. */
void report_legend(const struct results *results, const struct page *page);

/* Tables of all cases of a suite. */
void report_suite(const struct results *results, const struct page *page);
/* The geometric mean of an allocator's ratios over the cases of the suite (NULL: of all but scaling) that every allocator
 * was measured in; each case counts once, however many points it has. */
double report_mean_ratio(const struct results *results, const char *suite, size_t allocator, enum metric metric,
                         size_t *cases);
/* Of a case of the scaling suite: seconds per operation, or bytes of peak RSS per live byte. NAN if it failed. */
double report_scaled(const struct results *results, size_t index, size_t allocator, bool time);

void report_json(const struct results *results, FILE *out);
void report_csv(const struct results *results, FILE *out);
/* The charts, drawn by gnuplot: the text of an SVG file, to be freed; NULL after a line if that does not work. */
char *report_chart(const struct results *results);
/* One page with the tables and the chart, which may be NULL; it needs no other file. */
void report_html(const struct results *results, const char *chart, FILE *out);

/* Writes the files that the options name. Returns 0, or the exit code after a line that says what failed. */
int report_files(const struct results *results, const struct measure_options *options);

#endif
