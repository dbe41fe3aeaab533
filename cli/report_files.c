/* report_files.c: JSON and CSV, and the files that the options ask for. */
#include "report.h"
#include "cli.h"
#include "outfile.h"
#include "text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static void print_json_number(FILE *out, double number)
{
  if (isfinite(number))
    fprintf(out, "%.9g", number);
  else
    fputs("null", out);
}

static void print_json_metric(const struct results *results, size_t index, size_t allocator, enum metric metric,
                              FILE *out)
{
  const struct cell *cell = results_cell(results, index, allocator);
  struct summary summary = results_summary(results, index, allocator, metric);
  const double numbers[] = {summary.median, summary.low, summary.high, summary.ratio, summary.p};
  static const char *const keys[] = {"median", "quartile_1", "quartile_3", "ratio", "p"};
  fprintf(out, "\n        \"%s\": {", metric_info[metric].key);
  for (size_t i = 0; i < 5; i++) {
    fprintf(out, "%s\"%s\": ", i ? ", " : "", keys[i]);
    print_json_number(out, numbers[i]);
  }
  fputs(", \"runs\": [", out);
  for (size_t run = 0; run < cell->runs; run++) {
    fputs(run ? ", " : "", out);
    print_json_number(out, cell->values[metric][run]);
  }
  fputs("]}", out);
}

static void print_json_cell(const struct results *results, size_t index, size_t allocator, FILE *out)
{
  const struct cell *cell = results_cell(results, index, allocator);
  fputs("      {\"allocator\": ", out);
  json_string(out, results->allocators.row[allocator].name);
  fputs(", \"failure\": ", out);
  if (cell->failure[0])
    json_string(out, cell->failure);
  else
    fputs("null", out);
  const char *between = "";
  fputs(", \"metrics\": {", out);
  for (int m = 0; m < METRICS; m++) {
    if (!cell->runs || isnan(cell->values[m][0]))
      continue;
    fputs(between, out);
    between = ",";
    print_json_metric(results, index, allocator, m, out);
  }
  fputs("}}", out);
}

static void print_json_case(const struct results *results, size_t index, FILE *out)
{
  const struct result_case *row = &results->cases[index];
  fputs("    {\"suite\": ", out);
  json_string(out, row->suite);
  fputs(", \"name\": ", out);
  json_string(out, row->name);
  fputs(", \"point\": ", out);
  json_string(out, row->point);
  fputs(", \"command\": ", out);
  json_string(out, row->command ? row->command : "");
  fputs(", \"results\": [\n", out);
  for (size_t a = 0; a < results->allocators.count; a++) {
    fputs(a ? ",\n" : "", out);
    print_json_cell(results, index, a, out);
  }
  fputs("]}", out);
}

void report_json(const struct results *results, FILE *out)
{
  const struct allocator_list *list = &results->allocators;
  struct utsname system = {0};
  uname(&system);
  fputs("{\n  \"system\": ", out);
  json_string(out, system.sysname);
  fputs(", \"kernel\": ", out);
  json_string(out, system.release);
  fputs(", \"machine\": ", out);
  json_string(out, system.machine);
  fprintf(out, ",\n  \"runs\": %u, \"test\": \"Mann-Whitney U, exact, two-sided\", \"base\": ", results->runs_wanted);
  json_string(out, list->row[results->base].name);
  fputs(",\n  \"allocators\": [", out);
  for (size_t a = 0; a < list->count; a++) {
    fprintf(out, "%s\n    {\"name\": ", a ? "," : "");
    json_string(out, list->row[a].name);
    fputs(", \"version\": ", out);
    json_string(out, list->row[a].version);
    fputs(", \"library\": ", out);
    json_string(out, list->row[a].library);
    fputc('}', out);
  }
  fputs("],\n  \"cases\": [\n", out);
  for (size_t i = 0; i < results->cases_n; i++) {
    fputs(i ? ",\n" : "", out);
    print_json_case(results, i, out);
  }
  fputs("]\n}\n", out);
}

/* Text that may hold a comma (RFC 4180). */
static void print_csv_text(FILE *out, const char *text)
{
  bool plain = !strpbrk(text, ",\"\r\n");
  fputs(plain ? "" : "\"", out);
  for (; *text; text++)
    fputs(*text == '"' ? "\"\"" : (char[]){*text, '\0'}, out);
  fputs(plain ? "" : "\"", out);
}

/* One row a run. */
void report_csv(const struct results *results, FILE *out)
{
  fputs("suite,case,point,allocator,version,run", out);
  for (int m = 0; m < METRICS; m++)
    fprintf(out, ",%s", metric_info[m].key);
  fputc('\n', out);
  for (size_t i = 0; i < results->cases_n; i++)
    for (size_t a = 0; a < results->allocators.count; a++) {
      const struct cell *cell = results_cell(results, i, a);
      const struct allocator *row = &results->allocators.row[a];
      for (size_t run = 0; run < cell->runs; run++) {
        const char *const texts[] = {results->cases[i].suite, results->cases[i].name, results->cases[i].point,
                                     row->name, row->version};
        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
          print_csv_text(out, texts[t]);
          fputc(',', out);
        }
        fprintf(out, "%zu", run + 1);
        for (int m = 0; m < METRICS; m++)
          isnan(cell->values[m][run]) ? fputc(',', out) : fprintf(out, ",%.9g", cell->values[m][run]);
        fputc('\n', out);
      }
    }
}

/* `chart` goes to the HTML page only. */
static int write_report(const struct results *results, const char *path, const char *chart,
                        void (*report)(const struct results *, const char *chart, FILE *))
{
  char *text = NULL;
  size_t bytes;
  FILE *out = path ? open_memstream(&text, &bytes) : NULL;
  if (!path)
    return 0;
  if (!out)
    return fail(EX_OSERR, "out of memory");
  report(results, chart, out);
  int code = fclose(out) ? fail(EX_OSERR, "out of memory") : outfile_write(path, text, bytes);
  free(text);
  return code;
}

static void json(const struct results *results, const char *chart, FILE *out)
{
  (void)chart;
  report_json(results, out);
}

static void csv(const struct results *results, const char *chart, FILE *out)
{
  (void)chart;
  report_csv(results, out);
}

int report_files(const struct results *results, const struct measure_options *options)
{
  /* What takes another program to make comes last. */
  int codes[4] = {write_report(results, options->json, NULL, json), write_report(results, options->csv, NULL, csv)};
  char *chart = options->plot || options->html ? report_chart(results) : NULL;
  codes[2] = write_report(results, options->html, chart, report_html);
  if (options->plot)
    codes[3] = chart ? outfile_write(options->plot, chart, strlen(chart)) : EX_UNAVAILABLE;
  free(chart);
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
    if (codes[i])
      return codes[i];
  return 0;
}
