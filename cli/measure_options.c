/* measure_options.c */
#include "measure_options.h"
#include "cli.h"
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
  return fail(EX_USAGE, "there is no option %s; 'brim help' shows the usage", name);
}

int measure_options_read(struct measure_options *options, int argc, char **argv, bool (*flag)(const char *word))
{
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; i++) {
    if (!strcmp(argv[i], "--")) {
      options->options_ended = true;
      i++;
      break;
    }
    if (flag && flag(argv[i]))
      continue;
    char name[32], *equals = strncmp(argv[i], "--", 2) ? NULL : strchr(argv[i], '=');
    size_t length = equals ? (size_t)(equals - argv[i]) : strlen(argv[i]);
    if (length >= sizeof name)
      return fail(EX_USAGE, "there is no option %s; 'brim help' shows the usage", argv[i]);
    memcpy(name, argv[i], length);
    name[length] = '\0';
    if (!equals && i + 1 == argc)
      return fail(EX_USAGE, "%s needs a value, or does not exist; 'brim help' shows the usage", argv[i]);
    int code = read_option(options, name, equals ? equals + 1 : argv[++i]);
    if (code)
      return code;
  }
  options->argc = argc - i;
  options->argv = argv + i;
  return 0;
}

int measure_options_check(struct measure_options *options, size_t *base)
{
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
