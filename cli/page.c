/* page.c */
#define _GNU_SOURCE
#include "page.h"

#include <stdarg.h>
#include <stdlib.h>

void page_print_escaped(FILE *out, const char *text)
{
  for (; *text; text++)
    switch (*text) {
    case '<':
      fputs("&lt;", out);
      break;
    case '>':
      fputs("&gt;", out);
      break;
    case '&':
      fputs("&amp;", out);
      break;
    default:
      fputc(*text, out);
    }
}

static void print_block(const struct page *page, const char *tag, const char *format, va_list args)
{
  char *text;
  if (!page->html) {
    vfprintf(page->out, format, args);
    fputs("\n", page->out);
  } else if (vasprintf(&text, format, args) >= 0) {
    fprintf(page->out, "<%s>", tag);
    page_print_escaped(page->out, text);
    fprintf(page->out, "</%s>\n", tag);
    free(text);
  }
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
