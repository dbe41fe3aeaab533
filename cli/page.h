/* page.h: where a report goes: a terminal or file as plain ASCII, or a page of HTML. */
#ifndef BRIM_CLI_PAGE_H
#define BRIM_CLI_PAGE_H

#include "table.h"

#include <stdbool.h>
#include <stdio.h>

struct page {
  FILE *out;
  bool html;
};

enum { PAGE_WIDTH = 118 };

/* A line of text. */
void page_line(const struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A heading; on a plain page an empty line follows it. */
void page_heading(const struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints and frees the table. */
void page_table(const struct page *page, struct table *table);

#endif
