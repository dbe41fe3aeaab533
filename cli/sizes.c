/* sizes.c: starts the probe for each size and allocator, and prints what it found. */
#define _GNU_SOURCE
#include "sizes.h"
#include "cli.h"
#include "number.h"
#include "outfile.h"
#include "page.h"
#include "process.h"
#include "stat_test.h"
#include "table.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST ((uint64_t)1 << 40)

/* What the probe's process prints, in that order. */
struct probe {
  int first_is_break, second_is_break;
  size_t first_region, second_region;
  double occupied, faults, first_s, repeated_s;
};

/* One size under one allocator. */
struct placement {
  struct probe probe[SAMPLE_MAX];
  size_t runs;
  uint32_t calls[RUN_STAGES][RUN_CALLS];
  char failure[256];
};

size_t sizes_parse(const char *text)
{
  uint64_t bytes;
  return !parse_bytes(text, &bytes) && bytes < LARGEST ? (size_t)bytes : 0;
}

static void run_probe(const struct allocator *allocator, const char *size, bool counted, unsigned timeout_s,
                      struct placement *placement)
{
  char *argv[] = {(char *)own_path(), "compare", counted ? "--probe-calls" : "--probe", (char *)size, NULL};
  struct run_request request = {.argv = argv,
                                .preload = allocator->preload,
                                .library = allocator->library,
                                .keep_output = true,
                                .count_calls = counted,
                                .timeout_s = timeout_s};
  struct run_result result;
  struct probe *probe = &placement->probe[placement->runs];
  run_measured(&request, &result);
  if (result.failure[0])
    snprintf(placement->failure, sizeof placement->failure, "%s", run_interrupted() ? "" : result.failure);
  else if (counted)
    memcpy(placement->calls, result.calls, sizeof placement->calls);
  else if (sscanf(result.output, "%d %zu %d %zu %lf %lf %lf %lf", &probe->first_is_break, &probe->first_region,
                  &probe->second_is_break, &probe->second_region, &probe->occupied, &probe->faults, &probe->first_s,
                  &probe->repeated_s) == 8)
    placement->runs++;
  run_result_free(&result);
}

static double median(const struct placement *placement, size_t offset)
{
  double values[SAMPLE_MAX];
  for (size_t i = 0; i < placement->runs; i++)
    memcpy(&values[i], (const char *)&placement->probe[i] + offset, sizeof values[i]);
  return stat_quantile(values, placement->runs, 0.5);
}
#define MEDIAN(placement, field) median(placement, offsetof(struct probe, field))

/* "brk 2, mmap 1", or "none", or "-" if they could not be counted. */
static const char *calls_text(char text[96], const uint32_t calls[RUN_CALLS])
{
  size_t length = 0;
  if (!run_can_trace())
    return "-";
  for (int i = 0; i < RUN_CALLS; i++)
    if (calls[i])
      length += (size_t)snprintf(text + length, 96 - length, "%s%s %u", length ? ", " : "",
                                 metric_info[METRIC_BRK + i].key, calls[i]);
  return length ? text : "none";
}

static void add_region(struct table *table, bool is_break, size_t bytes)
{
  char text[16];
  table_add(table, "%s %s", is_break ? "break" : "mmap", format_value(text, UNIT_BYTES, (double)bytes));
}

static void add_row(struct table *table, const struct allocator *allocator, const struct placement *placement)
{
  char text[96];
  const struct probe *probe = &placement->probe[0];
  table_add(table, "%s", allocator->name);
  add_region(table, probe->first_is_break, probe->first_region);
  table_add(table, "%s", calls_text(text, placement->calls[STAGE_FIRST]));
  table_add(table, "%s", calls_text(text, placement->calls[STAGE_FREE]));
  add_region(table, probe->second_is_break, probe->second_region);
  table_add(table, "%s", calls_text(text, placement->calls[STAGE_SECOND]));
  table_add(table, "%s", format_value(text, UNIT_BYTES, MEDIAN(placement, occupied)));
  table_add(table, "%.0f", MEDIAN(placement, faults));
  table_add(table, "%s", format_value(text, UNIT_SECONDS, MEDIAN(placement, first_s)));
  table_add(table, "%s", format_value(text, UNIT_SECONDS, MEDIAN(placement, repeated_s)));
}

/* Only under glibc does freeing a mapping change where later blocks lie. */
static void explain_threshold(const struct allocator *allocator, const struct placement *placement)
{
  const struct probe *probe = &placement->probe[0];
  if (!strcmp(allocator->name, "glibc") && placement->runs && !probe->first_is_break && probe->second_is_break)
    printf("glibc: as the 1st block's mapping was freed, the size from which blocks get one rose above this size\n"
           "(M_MMAP_THRESHOLD in mallopt(3)): the 2nd block lies in the break heap.\n\n");
}

static void print_size(const struct allocator_list *list, const char *size, const struct placement *placements)
{
  static const char *const heads[] = {"allocator", "1st block", "calls",  "on free", "2nd block",
                                      "calls",     "RSS each",  "faults", "first",   "repeated"};
  const struct page page = {.out = stdout};
  struct table *table = table_create(10);
  for (int i = 0; i < 10; i++)
    table_add(table, "%s", heads[i]);
  for (size_t a = 0; a < list->count; a++)
    if (placements[a].runs)
      add_row(table, &list->row[a], &placements[a]);
  printf("malloc(%s)\n\n", size);
  page_table(&page, table);
  for (size_t a = 0; a < list->count; a++)
    if (placements[a].failure[0])
      page_line(&page, "%s failed: %s", list->row[a].name, placements[a].failure);
  for (size_t a = 0; a < list->count; a++)
    explain_threshold(&list->row[a], &placements[a]);
}

/* `least` and `most` processes were started for each size under each allocator. */
static void print_legend(const struct measure_options *options, size_t least, size_t most)
{
  char text[64];
  const struct allocator_list *list = &options->allocators;
  printf("1st, 2nd block: the region of /proc/PID/maps that it lies in, with its size: the break heap or a mapping. "
         "The 1st\n"
         "is the first block of a fresh process; it is freed before the 2nd is taken. Calls: of malloc and the first "
         "touch, and\n"
         "of free. RSS each: what each of many touched blocks adds to the RSS. Faults: of the first touch. First, "
         "repeated:\n"
         "time of malloc, a write to each page, and free. Medians of %s process%s.\nAllocators:",
         results_runs_text(text, least, most, options->runs), options->runs == 1 ? "" : "es");
  for (size_t a = 0; a < list->count; a++)
    printf("%s %s %s", a ? "," : "", list->row[a].name, list->row[a].version);
  printf("\n");
}

static void write_calls(FILE *out, const char *key, const uint32_t calls[RUN_CALLS])
{
  if (!run_can_trace())
    return;
  fprintf(out, ", \"%s\": {", key);
  for (int i = 0; i < RUN_CALLS; i++)
    fprintf(out, "%s\"%s\": %u", i ? ", " : "", metric_info[METRIC_BRK + i].key, calls[i]);
  fputc('}', out);
}

static void write_row(FILE *out, size_t size, const struct allocator *allocator, const struct placement *placement)
{
  const struct probe *probe = &placement->probe[0];
  fprintf(out, "{\"size\": %zu, \"allocator\": ", size);
  json_string(out, allocator->name);
  fputs(", \"version\": ", out);
  json_string(out, allocator->version);
  fprintf(out, ", \"first\": \"%s\", \"second\": \"%s\"", probe->first_is_break ? "break" : "mapping",
          probe->second_is_break ? "break" : "mapping");
  write_calls(out, "first_calls", placement->calls[STAGE_FIRST]);
  write_calls(out, "free_calls", placement->calls[STAGE_FREE]);
  write_calls(out, "second_calls", placement->calls[STAGE_SECOND]);
  fprintf(out, ", \"occupied_bytes\": %.9g, \"touch_faults\": %.9g, \"first_s\": %.9g, \"repeated_s\": %.9g}",
          MEDIAN(placement, occupied), MEDIAN(placement, faults), MEDIAN(placement, first_s),
          MEDIAN(placement, repeated_s));
}

static void measure_size(const struct measure_options *options, const char *size, struct placement *placements)
{
  const struct allocator_list *list = &options->allocators;
  for (unsigned run = run_can_trace() ? 0 : 1; run <= options->runs && !run_interrupted(); run++)
    for (size_t a = 0; a < list->count && !run_interrupted(); a++)
      if (!placements[a].failure[0])
        run_probe(&list->row[a], size, !run, options->timeout_s, &placements[a]);
}

static bool any_runs(const struct placement *placements, size_t count)
{
  for (size_t a = 0; a < count; a++)
    if (placements[a].runs)
      return true;
  return false;
}

/* Checks all sizes before the first is measured. */
static int check(struct measure_options *options)
{
  size_t base;
  for (int i = 0; i < options->argc; i++)
    if (!sizes_parse(options->argv[i]))
      return fail(EX_USAGE,
                  "'%s' is no size from 1 to below 1024G; to run a program of that name, write -- before it",
                  options->argv[i]);
  if (options->csv || options->plot || options->html)
    return fail(EX_USAGE, "sizes have a table and --json only");
  return measure_options_check(options, &base);
}

int sizes_compare(struct measure_options *options)
{
  char *text = NULL;
  size_t bytes, rows = 0, failures = 0, least = SIZE_MAX, most = 0;
  int code = check(options);
  FILE *json = code || !options->json ? NULL : open_memstream(&text, &bytes);
  if (code)
    return code;
  allocators_warn_of_settings();
  run_catch_interrupt();
  size_t count = options->allocators.count; /* at least one, by the check */
  for (int i = 0; i < options->argc && count && !run_interrupted(); i++) {
    struct placement *placements = calloc(count, sizeof *placements);
    if (!placements)
      return fail(EX_OSERR, "out of memory");
    measure_size(options, options->argv[i], placements);
    if (any_runs(placements, count) || !run_interrupted())
      print_size(&options->allocators, options->argv[i], placements);
    for (size_t a = 0; a < count; a++) {
      failures += placements[a].failure[0] != '\0';
      if (!placements[a].runs)
        continue;
      rows++;
      least = placements[a].runs < least ? placements[a].runs : least;
      most = placements[a].runs > most ? placements[a].runs : most;
      if (!json)
        continue;
      fputs(rows > 1 ? ",\n " : "[", json);
      write_row(json, sizes_parse(options->argv[i]), &options->allocators.row[a], &placements[a]);
    }
    free(placements);
  }
  bool nothing = run_interrupted() && !rows;
  if (nothing)
    fail(130, "interrupted before the first run was done");
  else
    print_legend(options, rows ? least : 0, most);
  if (json) {
    fputs(rows ? "]\n" : "[]\n", json);
    bool failed = fclose(json);
    code = failed ? fail(EX_OSERR, "out of memory") : nothing ? 0 : outfile_write(options->json, text, bytes);
    free(text);
  }
  return run_interrupted() ? 130 : code ? code : !rows ? EX_UNAVAILABLE : failures ? 1 : 0;
}
