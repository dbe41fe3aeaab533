/* page.c */
#define _GNU_SOURCE
#include "page.h"
#include "text.h"

#include <stdarg.h>
#include <stdlib.h>

static void print_block(const struct page *page, const char *tag, const char *format, va_list args)
{
  char *text;
  if (vasprintf(&text, format, args) < 0)
    return;
  if (page->html) {
    fprintf(page->out, "<%s>", tag);
    xml_text(page->out, text);
    fprintf(page->out, "</%s>\n", tag);
  } else {
    plain_text(page->out, text);
    fputs("\n", page->out);
  }
  free(text);
}

void page_line(const struct page *page, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  print_block(page, "p", format, args);
  va_end(args);
}

void page_heading(const struct page *page, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  print_block(page, "h2", format, args);
  va_end(args);
  if (!page->html)
    fputc('\n', page->out);
}

void page_table(const struct page *page, struct table *table)
{
  if (page->html) {
    table_print_html(table, page->out);
  } else {
    table_print(table, page->out, PAGE_WIDTH);
    fputc('\n', page->out);
  }
  table_free(table);
}
