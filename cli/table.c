/* table.c */
#define _GNU_SOURCE
#include "table.h"
#include "text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct table {
  size_t columns, cells_n;
  char **cells;
};

struct table *table_create(size_t columns)
{
  struct table *table = calloc(1, sizeof *table);
  if (table)
    table->columns = columns;
  return table;
}

void table_free(struct table *table)
{
  for (size_t i = 0; table && i < table->cells_n; i++)
    free(table->cells[i]);
  free(table ? table->cells : NULL);
  free(table);
}

void table_add(struct table *table, const char *format, ...)
{
  if (!table)
    return;
  char **grown = realloc(table->cells, (table->cells_n + 1) * sizeof *grown);
  if (!grown)
    return;
  table->cells = grown;
  va_list args;
  va_start(args, format);
  if (vasprintf(&grown[table->cells_n], format, args) < 0)
    grown[table->cells_n] = NULL;
  va_end(args);
  table->cells_n++;
}

static const char *cell_text(const struct table *table, size_t row, size_t column)
{
  const char *text = table->cells[row * table->columns + column];
  return text ? text : "";
}

static size_t column_width(const struct table *table, size_t column)
{
  size_t width = 0;
  for (size_t row = 0; row < table->cells_n / table->columns; row++) {
    size_t length = strlen(cell_text(table, row, column));
    width = length > width ? length : width;
  }
  return width;
}

static void print_row(const struct table *table, FILE *out, size_t row, size_t from, size_t to)
{
  fprintf(out, "%-*s", (int)column_width(table, 0), cell_text(table, row, 0));
  for (size_t column = from; column < to; column++)
    fprintf(out, "  %*s", (int)column_width(table, column), cell_text(table, row, column));
  fputc('\n', out);
}

void table_print(const struct table *table, FILE *out, size_t width)
{
  if (!table)
    return;
  for (size_t from = 1, to; from < table->columns; from = to) {
    size_t used = column_width(table, 0);
    for (to = from; to < table->columns; to++) {
      used += 2 + column_width(table, to);
      if (used > width && to > from)
        break;
    }
    if (from > 1)
      fputc('\n', out);
    for (size_t row = 0; row < table->cells_n / table->columns; row++)
      print_row(table, out, row, from, to);
  }
}

void table_print_html(const struct table *table, FILE *out)
{
  if (!table)
    return;
  fputs("<table>\n", out);
  for (size_t row = 0; row < table->cells_n / table->columns; row++) {
    fputs("<tr>", out);
    for (size_t column = 0; column < table->columns; column++) {
      const char *tag = row ? "td" : "th";
      fprintf(out, "<%s>", tag);
      xml_text(out, cell_text(table, row, column));
      fprintf(out, "</%s>", tag);
    }
    fputs("</tr>\n", out);
  }
  fputs("</table>\n", out);
}

static const char *format_scaled(char text[16], double value, const char *const *units, double step)
{
  int i = 0;
  for (; fabs(value) >= (step == 1000 ? 999.5 : 1023.5) && units[i + 1]; i++)
    value /= step;
  int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  snprintf(text, 16, "%.*f %s", decimals, value, units[i]);
  return text;
}

const char *format_value(char text[16], enum metric_unit unit, double value)
{
  static const char *const times[] = {"ns", "us", "ms", "s", NULL};
  static const char *const sizes[] = {"B", "KiB", "MiB", "GiB", "TiB", NULL};
  if (isnan(value)) {
    snprintf(text, 16, "-");
    return text;
  }
  if (unit == UNIT_SECONDS)
    return format_scaled(text, value * 1e9, times, 1000);
  if (unit == UNIT_BYTES)
    return format_scaled(text, value, sizes, 1024);
  if (value < 1e6)
    snprintf(text, 16, "%.0f", value);
  else
    snprintf(text, 16, "%.2fM", value / 1e6);
  return text;
}

const char *format_ratio(char text[16], double ratio, char mark)
{
  if (!isfinite(ratio))
    snprintf(text, 16, "- ");
  else
    snprintf(text, 16, ratio < 9.995 ? "%.2f%c" : ratio < 99.95 ? "%.1f%c" : "%.0f%c", ratio, mark);
  return text;
}

const char *format_spread(char text[16], double spread)
{
  if (isnan(spread))
    text[0] = '\0';
  else
    snprintf(text, 16, "%.0f%%", spread * 100);
  return text;
}
