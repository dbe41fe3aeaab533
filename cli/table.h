/* table.h: text tables of plain ASCII whose columns are as wide as their contents. */
#ifndef BRIM_CLI_TABLE_H
#define BRIM_CLI_TABLE_H

#include "metric.h"

#include <stdio.h>

struct table; /* opaque */

/* A table of `columns` columns, the first aligned left, the others right; NULL if memory is out. The first row that is
 * filled is its head. */
struct table *table_create(size_t columns);
/* Fills in the next cell, row by row. The caller fills every row. */
void table_add(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_free(struct table *table);
/* A table that is wider than `width` is printed in parts, each with the first column. */
void table_print(const struct table *table, FILE *out, size_t width);
void table_print_html(const struct table *table, FILE *out);

/* The number with its unit in at most 9 letters, "-" for NAN. */
const char *format_value(char text[16], enum metric_unit unit, double value);
/* "1.05" and the mark; "-" for NAN. */
const char *format_ratio(char text[16], double ratio, char mark);
/* "3%"; empty for NAN. */
const char *format_spread(char text[16], double spread);

#endif
