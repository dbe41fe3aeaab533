/* measure_options.c */
#include "measure_options.h"
#include "arguments.h"
#include "cli.h"
#include "outfile.h"
#include "preload.h"
#include "stat_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char *text, unsigned most, unsigned *number)
{
  char *end;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  if (errno || *end || end == text || !value || value > most || text[0] == '-')
    return false;
  *number = (unsigned)value;
  return true;
}

static int read_option(struct measure_options *options, const char *name, const char *value)
{
  if (!strcmp(name, "--with")) {
    options->with_given = true;
    return allocators_add(&options->allocators, value) ? 0 : EX_USAGE;
  }
  if (!strcmp(name, "--runs"))
    return read_number(value, SAMPLE_MAX, &options->runs)
               ? 0
               : fail(EX_USAGE, "--runs takes a number from 1 to %d, not '%s'", SAMPLE_MAX, value);
  if (!strcmp(name, "--timeout"))
    return read_number(value, 86400, &options->timeout_s)
               ? 0
               : fail(EX_USAGE, "--timeout takes seconds from 1 to 86400, not '%s'", value);
  const struct {
    const char *name, **value;
  } texts[] = {{"--base", &options->base},
               {"--json", &options->json},
               {"--csv", &options->csv},
               {"--plot", &options->plot},
               {"--html", &options->html}};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (!strcmp(name, texts[i].name)) {
      *texts[i].value = value;
      return 0;
    }
  return 0;
}

/* The option at argv[*at], whose value may be in the same word or the next. */
static int read_word(struct measure_options *options, char **argv, int *at)
{
  static const char *const names[] = {"--with", "--base", "--runs", "--timeout",
                                      "--json", "--csv",  "--plot", "--html"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *value;
    if (argument_with_value(argv, at, names[i], &value))
      return value ? read_option(options, names[i], value) : argument_lacks_value(names[i]);
  }
  return argument_unknown(argv[*at]);
}

int measure_options_read(struct measure_options *options, int argc, char **argv, bool (*is_flag)(const char *),
                         bool (*is_word)(const char *))
{
  int kept = 1, i = 1;
  for (; i < argc && !options->options_ended; i++) {
    options->options_ended = !strcmp(argv[i], "--");
    if (options->options_ended || (is_flag && is_flag(argv[i])))
      continue;
    if (argv[i][0] != '-' && !is_word(argv[i]))
      break;
    if (argv[i][0] != '-') {
      argv[kept++] = argv[i];
      continue;
    }
    int code = read_word(options, argv, &i);
    if (code)
      return code;
  }
  if (kept > 1 && options->options_ended)
    return fail(EX_USAGE, "'%s' stands before --, where only options may stand", argv[1]);
  while (i < argc)
    argv[kept++] = argv[i++];
  argv[kept] = NULL;
  options->argc = kept - 1;
  options->argv = argv + 1;
  return 0;
}

static int check_files(const struct measure_options *options)
{
  const char *const files[] = {options->json, options->csv, options->plot, options->html};
  char path[PATH_MAX];
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    int code = files[i] ? outfile_check(files[i]) : 0;
    for (size_t j = 0; j < i && !code; j++)
      code = outfile_check_both(files[i], files[j]);
    if (code)
      return code;
  }
  if (options->plot && program_find("gnuplot", path))
    return fail(EX_UNAVAILABLE, "--plot: " NO_GNUPLOT);
  return 0;
}

int measure_options_check(struct measure_options *options, size_t *base)
{
  int code = check_files(options);
  if (code)
    return code;
  struct allocator_list *list = &options->allocators;
  if (!list->count && !options->with_given)
    allocators_add(list, "all");
  if (!list->count)
    return fail(EX_UNAVAILABLE, "there is no allocator to measure; see the lines above");
  const struct allocator *row = options->base ? allocators_named(list, options->base) : &list->row[0];
  if (!row)
    return fail(EX_USAGE, "--base %s is not among the allocators that are measured", options->base);
  *base = (size_t)(row - list->row);
  if (!run_can_trace())
    fail(0, "note: this system does not allow ptrace; memory, calls and the proof of use are not known");
  return 0;
}
