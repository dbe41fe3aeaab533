/* runner.c */
#define _GNU_SOURCE
#include "runner.h"
#include "cli.h"
#include "text.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line that the next one overwrites, on a terminal only. */
static void show_progress(const struct results *results, size_t index, size_t allocator, unsigned run)
{
  const struct result_case *row = &results->cases[index];
  if (!isatty(STDERR_FILENO))
    return;
  fprintf(stderr, "\r\033[K");
  if (results->cases_n > 1)
    fprintf(stderr, "[%zu/%zu] ", index + 1, results->cases_n);
  plain_text(stderr, row->name);
  fprintf(stderr, "%s%s: %s, ", row->point[0] ? " " : "", row->point, results->allocators.row[allocator].name);
  if (run)
    fprintf(stderr, "run %u of %u", run, results->runs_wanted);
  else
    fprintf(stderr, "counting system calls");
  fflush(stderr);
}

static void clear_progress(void)
{
  if (isatty(STDERR_FILENO))
    fprintf(stderr, "\r\033[K");
}

/* What a case says about itself replaces what was measured from outside: it times only its measured section, without the
 * setup. */
static void read_output(const char *output, double value[METRICS])
{
  for (const char *line = output; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
    char key[16];
    double number;
    if (sscanf(line, "%15s %lf", key, &number) != 2)
      continue;
    if (!strcmp(key, "ops"))
      value[METRIC_OPS] = number;
    else if (!strcmp(key, "live"))
      value[METRIC_LIVE] = number;
    else if (!strcmp(key, "seconds"))
      value[METRIC_WALL] = number;
  }
}

/* Runs the program once; returns false if all runs should end. `run` 0 counts system calls. */
static bool run_once(const struct runner *runner, size_t index, size_t allocator, char *const *argv, unsigned run,
                     double value[METRICS])
{
  struct results *results = runner->results;
  const struct allocator *row = &results->allocators.row[allocator];
  struct cell *cell = results_cell(results, index, allocator);
  struct run_request request = {.argv = argv,
                                .preload = row->preload,
                                .library = row->library,
                                .keep_output = runner->reads_output,
                                .count_calls = !run,
                                .timeout_s = runner->timeout_s};
  struct run_result result;
  show_progress(results, index, allocator, run);
  run_measured(&request, &result);
  clear_progress();
  if (result.failure[0] && !run_interrupted()) {
    snprintf(cell->failure, sizeof cell->failure, "%s", result.failure);
    fail(0, "%s: %s: %s", results->cases[index].name, result.unusable ? "left out" : row->name, result.failure);
  }
  for (int call = 0; call < RUN_CALLS; call++) {
    double calls = 0;
    for (int stage = 0; stage < RUN_STAGES; stage++)
      calls += result.calls[stage][call];
    if (!run)
      value[METRIC_BRK + call] = calls;
    else
      result.value[METRIC_BRK + call] = value[METRIC_BRK + call];
  }
  bool good = !run_interrupted() && !result.unusable;
  if (good && run && !cell->failure[0]) {
    read_output(result.output, result.value);
    good = results_add_run(results, index, allocator, result.value);
  }
  run_result_free(&result);
  return good;
}

/* Each round has another order, as what one program leaves behind, such as huge pages that the host of a virtual machine has
 * found for it, favours the next. The orders are the same each time that the case is run. */
static void shuffle(size_t *order, size_t count, size_t index, unsigned run)
{
  const uint64_t factor = 6364136223846793005, step = 1442695040888963407; /* Knuth's, of MMIX */
  uint64_t random = index * 1000 + run;
  for (size_t i = 0; i < count; i++)
    order[i] = i;
  for (size_t left = count; left > 1; left--) {
    random = random * factor + step;
    size_t drawn = (size_t)((random >> 32) % left), kept = order[left - 1];
    order[left - 1] = order[drawn];
    order[drawn] = kept;
  }
}

bool runner_case(const struct runner *runner, size_t index, char *const *argv)
{
  struct results *results = runner->results;
  double counted[ALLOCATORS_MAX][METRICS];
  for (int a = 0; a < ALLOCATORS_MAX; a++)
    for (int m = 0; m < METRICS; m++)
      counted[a][m] = NAN;
  bool counts = runner->count_calls && run_can_trace();
  for (unsigned run = counts ? 0 : 1; run <= results->runs_wanted; run++) {
    size_t order[ALLOCATORS_MAX];
    shuffle(order, results->allocators.count, index, run);
    for (size_t i = 0; i < results->allocators.count; i++) {
      size_t a = order[i];
      if (!results_cell(results, index, a)->failure[0] && !run_once(runner, index, a, argv, run, counted[a]))
        return false;
    }
  }
  return true;
}

static bool is_plain(const char *word)
{
  for (; *word; word++)
    if (!isalnum((unsigned char)*word) && !strchr("-_./=:,+@%", *word))
      return false;
  return true;
}

char *runner_command_text(char *const *argv)
{
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if (!out)
    return NULL;
  for (; *argv; argv++) {
    if (is_plain(*argv) && **argv) {
      fputs(*argv, out);
    } else {
      fputc('\'', out);
      for (const char *letter = *argv; *letter; letter++)
        fputs(*letter == '\'' ? "'\\''" : (char[]){*letter, '\0'}, out);
      fputc('\'', out);
    }
    fputs(argv[1] ? " " : "", out);
  }
  return fclose(out) ? NULL : text;
}
