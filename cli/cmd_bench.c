/* cmd_bench.c: `brim bench` runs the suite of cases under every allocator. */
#define _GNU_SOURCE
#include "cli.h"
#include "number.h"
#include "process.h"
#include "report.h"
#include "runner.h"
#include "scratch.h"
#include "suite.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Effort, runs and timeout. A full run repeats the work of a quick one FULL_EFFORT times. */
enum { QUICK_EFFORT = 1, FULL_EFFORT = 8, QUICK_RUNS = 3, FULL_RUNS = 4, TIMEOUT_S = 300 };

/* One point of a case. */
struct job {
  const struct suite_case *row;
  char point[24];
  bool single; /* the case has no other point */
};

static bool is_quick, is_list;

static bool read_flag(const char *word)
{
  bool *flag = !strcmp(word, "--quick") ? &is_quick : !strcmp(word, "--list") ? &is_list : NULL;
  return flag && (*flag = true);
}

static bool is_any(const char *word) { return word[0] != '\0'; }

static int list_cases(const struct suite *suite, int argc, char **argv)
{
  for (size_t i = 0; i < suite->count; i++) {
    const struct suite_case *row = &suite->row[i];
    char name[64];
    if (!suite_selects(row, argc, argv))
      continue;
    const char *missing = suite_missing(row, name);
    printf("%-8s  %-14s  %s", row->suite, row->name, row->help);
    if (missing)
      printf(" (%s is not installed)", missing);
    printf("\n%26spoints: ", "");
    if (is_quick)
      printf("%s\n", row->quick);
    else
      printf("%s (quick: %s)\n", row->full, row->quick);
  }
  return 0;
}

/* A word that names no case is a mistake, not an empty selection. */
static int check_words(const struct suite *suite, int argc, char **argv)
{
  for (int i = 0; i < argc; i++) {
    bool known = false;
    for (size_t j = 0; j < suite->count; j++)
      known |= suite_selects(&suite->row[j], 1, &argv[i]);
    if (!known)
      return fail(EX_USAGE, "'%s' is neither a case nor a suite; 'brim bench --list' shows them", argv[i]);
  }
  return 0;
}

/* When memory runs out, the system may end other programs than ours. */
static bool point_fits(const struct job *job)
{
  char text[16];
  uint64_t units;
  if (parse_bytes(job->point, &units))
    return true;
  double bytes = (double)units * strtod(job->row->memory, NULL);
  if (!(bytes > system_available_bytes()))
    return true;
  fail(0, "%s %s: left out, it may need %s and so much is not free", job->row->name, job->point,
       format_value(text, UNIT_BYTES, bytes));
  return false;
}

static size_t add_points(struct job *jobs, const struct suite_case *row)
{
  const char *points = is_quick ? row->quick : row->full;
  size_t count = 0;
  int length;
  struct job job = {.row = row, .single = !strchr(points, ' ')};
  for (; count < SUITE_POINTS_MAX && sscanf(points, " %23s%n", job.point, &length) == 1; points += length)
    if (point_fits(&job))
      jobs[count++] = job;
  return count;
}

static size_t select_jobs(const struct suite *suite, struct job *jobs, int argc, char **argv)
{
  size_t count = 0;
  for (size_t i = 0; i < suite->count; i++) {
    const struct suite_case *row = &suite->row[i];
    char name[64];
    if (!suite_selects(row, argc, argv))
      continue;
    if (suite_missing(row, name))
      fail(0, "%s: left out, %s is not installed", row->name, name);
    else
      count += add_points(jobs + count, row);
  }
  return count;
}

static const char *effort_text(void)
{
  static char text[12];
  snprintf(text, sizeof text, "%d", is_quick ? QUICK_EFFORT : FULL_EFFORT);
  return text;
}

static void name_case(struct result_case *row, const struct job *job)
{
  char *argv[] = {(char *)job->row->name, (char *)job->point, (char *)effort_text(), NULL};
  snprintf(row->suite, sizeof row->suite, "%s", job->row->suite);
  snprintf(row->name, sizeof row->name, "%s", job->row->name);
  snprintf(row->point, sizeof row->point, "%s", job->single ? "" : job->point);
  row->command = runner_command_text(argv);
}

static void run_jobs(struct results *results, const struct job *jobs, unsigned timeout_s)
{
  struct runner runner = {.results = results, .timeout_s = timeout_s, .reads_output = true};
  for (size_t i = 0; i < results->cases_n; i++)
    name_case(&results->cases[i], &jobs[i]);
  for (size_t i = 0; i < results->cases_n; i++) {
    char *argv[] = {(char *)jobs[i].row->path, (char *)jobs[i].point, (char *)effort_text(), NULL};
    if (!runner_case(&runner, i, argv) && run_interrupted())
      return;
  }
}

static int run_bench(struct measure_options *options, const struct suite *suite)
{
  static struct job jobs[SUITE_CASES_MAX * SUITE_POINTS_MAX];
  struct results results = {.runs_wanted = options->runs};
  int code = measure_options_check(options, &results.base);
  if (code)
    return code;
  results.allocators = options->allocators;
  size_t count = select_jobs(suite, jobs, options->argc, options->argv);
  if (!count)
    return fail(EX_UNAVAILABLE, "there is nothing to run; see the lines above");
  if (!results_init(&results, count))
    return fail(EX_OSERR, "out of memory");
  char scratch[PATH_MAX];
  run_catch_interrupt();
  if ((code = scratch_make(scratch, "bench")))
    return code;
  allocators_warn_of_settings();
  run_jobs(&results, jobs, options->timeout_s);
  scratch_remove(scratch);
  code = report_results(&results, options);
  results_free(&results);
  return code;
}

int cmd_bench(int argc, char **argv)
{
  static struct suite suite;
  struct measure_options options = {.timeout_s = TIMEOUT_S};
  int code = measure_options_read(&options, argc, argv, read_flag, is_any);
  if (code)
    return code;
  if (!options.runs)
    options.runs = is_quick ? QUICK_RUNS : FULL_RUNS;
  /* The programs that the system's packages install, not a version manager's wrapper in front of them. */
  char path[PATH_MAX];
  snprintf(path, sizeof path, "/usr/bin:/bin:%s", getenv("PATH") ? getenv("PATH") : "");
  setenv("PATH", path, 1);
  if ((code = suite_load(&suite)) || (code = check_words(&suite, options.argc, options.argv)))
    return code;
  return is_list ? list_cases(&suite, options.argc, options.argv) : run_bench(&options, &suite);
}
