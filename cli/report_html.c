/* report_html.c: one page that holds tables and charts, and needs no other file and no network. */
#include "report.h"

#include <string.h>

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>brim: allocators compared</title>\n<style>\n"
    "body { font: 15px/1.5 sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; color: #222; }\n"
    "h1 { font-size: 1.5em; } h2 { font: 1em monospace; overflow-wrap: anywhere; }\n"
    "div { overflow-x: auto; } svg { max-width: 100%; height: auto; }\n"
    "table { border-collapse: collapse; font-size: 0.85em; margin: 1em 0; font-variant-numeric: tabular-nums; }\n"
    "th, td { padding: 0.15em 0.6em; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }\n"
    "th:first-child, td:first-child { text-align: left; } p { margin: 0.3em 0; }\n"
    "</style>\n<h1>Allocators compared</h1>\n";

void report_html(const struct results *results, const char *chart, FILE *out)
{
  const struct page page = {.out = out, .html = true};
  fputs(head, out);
  report_legend(results, &page);
  /* Without the lines before the drawing that only a file of its own needs. */
  if (chart && strstr(chart, "<svg"))
    fprintf(out, "<div>\n%s</div>\n", strstr(chart, "<svg"));
  fputs("<div>\n", out);
  report_tables(results, &page);
  fputs("</div>\n</html>\n", out);
}
