/* cmd_compare.c: `brim compare` measures the user's own program, or single blocks, under each allocator. */
#include "allocators.h"
#include "cli.h"
#include "preload.h"
#include "process.h"
#include "report.h"
#include "runner.h"
#include "sizes.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What is wrong under every allocator is said once, before anything is started. */
static int check_program(const char *name)
{
  char path[PATH_MAX];
  int code = program_require(name, path);
  return code ? code : preload_check(own_path(), path);
}

static int compare_program(struct measure_options *options)
{
  struct results results = {.runs_wanted = options->runs};
  int code = check_program(options->argv[0]);
  if (code || (code = measure_options_check(options, &results.base)))
    return code;
  results.allocators = options->allocators;
  if (!results_init(&results, 1))
    return fail(EX_OSERR, "out of memory");
  snprintf(results.cases[0].name, sizeof results.cases[0].name, "%s", options->argv[0]);
  snprintf(results.cases[0].suite, sizeof results.cases[0].suite, "compare");
  results.cases[0].command = runner_command_text(options->argv);
  struct runner runner = {.results = &results, .timeout_s = options->timeout_s, .count_calls = true};
  allocators_warn_of_settings();
  run_catch_interrupt();
  runner_case(&runner, 0, options->argv);
  code = report_results(&results, options);
  results_free(&results);
  return code;
}

static bool is_size(const char *word) { return sizes_parse(word) != 0; }

int cmd_compare(int argc, char **argv)
{
  struct measure_options options = {.runs = 5};
  /* This is how the command starts itself under an allocator. */
  if (argc == 2 && !strcmp(argv[1], "--which"))
    return print_own_allocator();
  if (argc == 3 && !strncmp(argv[1], "--probe", 7))
    return sizes_probe(argv[2], !strcmp(argv[1], "--probe-calls"));
  int code = measure_options_read(&options, argc, argv, NULL, is_size);
  if (code)
    return code;
  if (!options.argc)
    return usage();
  /* A word that begins with a digit is meant as a size. */
  if (!options.options_ended && isdigit((unsigned char)options.argv[0][0]))
    return sizes_compare(&options);
  return compare_program(&options);
}
