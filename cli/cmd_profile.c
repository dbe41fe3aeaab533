/* cmd_profile.c: `brim profile` says which stacks of a program held its memory. `brim leaks` is the same with other defaults,
 * and says what the program never freed. */
#include "arguments.h"
#include "cli.h"
#include "number.h"
#include "outfile.h"
#include "profiled.h"
#include "setting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { IGNORED_MAX = 64 };

struct options {
  struct profile_request request;
  bool leaks;                           /* the command is `brim leaks` */
  bool must_empty;                      /* --fail */
  const char *ignored[IGNORED_MAX + 1]; /* up to a NULL */
  unsigned ignored_n;
  enum measure by;
  uint64_t capacity; /* 0: the default for the rate */
  unsigned top;
  const char *json, *collapsed; /* files to write, or NULL */
};

enum { CAPACITY_MIN = 16, CAPACITY_MAX = 1 << 28, TOP_MAX = 1000000 };

/* ---- The command line -------------------------------------------------------------------------------------------- */

/* A size from `min` to `max`. Returns 0, or the exit code after a message. */
static int take_size(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
  const char *wrong = parse_bytes(text, value);
  if (wrong)
    return fail(EX_USAGE, "%s: '%s' %s", option, text, wrong);
  if (*value < min || *value > max)
    return fail(EX_USAGE, "%s: '%s' is not from %llu to %llu", option, text, (unsigned long long)min,
                (unsigned long long)max);
  return 0;
}

static int take_rate(struct options *options, const char *text)
{
  return take_size("--rate", text, 1, (uint64_t)1 << 40, &options->request.rate);
}

static int take_capacity(struct options *options, const char *text)
{
  return take_size("--capacity", text, CAPACITY_MIN, CAPACITY_MAX, &options->capacity);
}

static int take_top(struct options *options, const char *text)
{
  uint64_t number = options->top;
  int code = take_size("--top", text, 0, TOP_MAX, &number);
  options->top = (unsigned)number;
  return code;
}

static int take_measure(struct options *options, const char *text)
{
  static const char *const names[MEASURES] = {"live", "peak", "total"};
  for (int i = 0; i < MEASURES; i++)
    if (!strcmp(text, names[i])) {
      options->by = (enum measure)i;
      return 0;
    }
  return fail(EX_USAGE, "--by: '%s' is none of live, peak and total", text);
}

static int take_json(struct options *options, const char *path)
{
  options->json = path;
  return outfile_check(path);
}

static int take_collapsed(struct options *options, const char *path)
{
  options->collapsed = path;
  return outfile_check(path);
}

static int take_ignored(struct options *options, const char *name)
{
  if (options->ignored_n == IGNORED_MAX)
    return fail(EX_USAGE, "--ignore can be there %d times", IGNORED_MAX);
  options->ignored[options->ignored_n++] = name;
  return 0;
}

static int take_setting(struct options *options, const char *text)
{
  (void)options;
  return setting_assign(text);
}

static const struct {
  const char *name;
  bool profile, leaks; /* which of the commands has it */
  int (*take)(struct options *options, const char *value);
} with_value[] = {
    {"--rate", true, false, take_rate},        {"--by", true, false, take_measure},
    {"--ignore", false, true, take_ignored},   {"--top", true, true, take_top},
    {"--json", true, true, take_json},         {"--collapsed", true, true, take_collapsed},
    {"--capacity", true, true, take_capacity}, {"--set", true, true, take_setting},
};

static int take_option(char **argv, int *at, struct options *options)
{
  const char *value;
  if (options->leaks && !strcmp(argv[*at], "--fail")) {
    options->must_empty = true;
    return 0;
  }
  for (size_t i = 0; i < sizeof with_value / sizeof with_value[0]; i++)
    if ((options->leaks ? with_value[i].leaks : with_value[i].profile) &&
        argument_with_value(argv, at, with_value[i].name, &value))
      return value ? with_value[i].take(options, value) : argument_lacks_value(with_value[i].name);
  return argument_unknown(argv[*at]);
}

/* Returns 0, or the exit code after a message. */
static int take_options(char **argv, struct options *options)
{
  int code = 0, i = 1;
  for (; !code && argv[i] && argv[i][0] == '-'; i++) {
    if (!strcmp(argv[i], "--")) {
      i++;
      break;
    }
    code = take_option(argv, &i, options);
  }
  options->request.argv = argv + i;
  if (!code && !argv[i])
    return usage();
  return code ? code : outfile_check_both(options->json, options->collapsed);
}

/* ---- The commands ------------------------------------------------------------------------------------------------ */

/* Says why there is nothing to show. The program has run, but nobody knows what it left. */
static int say_nothing_recorded(const struct profiled *profiled, const struct options *options)
{
  const char *why = profiled->own_malloc          ? "it brings its own malloc"
                    : profiled->profile->is_short ? "no memory for the records; a lower --capacity takes less"
                    : !profiled->was_seen         ? "/proc does not show it"
                    : profiled->has_library       ? "it ended before it began"
                                                  : "the loader put no library into it";
  int code = fail(EX_UNAVAILABLE, "nothing was recorded of '%s': %s", profiled->program, why);
  return options->must_empty && !profiled->code ? code : profiled->code;
}

/* The program's exit code, unless it is 0 and something else is wrong. */
static int end_code(const struct profiled *profiled, const struct options *options, int code)
{
  bool is_empty = !profiled_all(profiled, BY_LIVE).blocks && !profiled->profile->lost.blocks;
  if (profiled->code || code)
    return profiled->code ? profiled->code : code;
  return options->must_empty && !is_empty;
}

/* Writes and frees the text. 0, or the exit code after a message. */
static int write_file(const char *path, char *text, size_t bytes)
{
  int code = text ? outfile_write(path, text, bytes) : fail(EX_OSERR, "%s", strerror(ENOMEM));
  free(text);
  return code;
}

static int write_files(struct profiled *profiled, const struct options *options)
{
  size_t bytes = 0;
  int code = 0;
  if (options->json) {
    char *text = profiled_json(profiled, &bytes);
    code = write_file(options->json, text, bytes);
  }
  if (options->collapsed && !code) {
    char *text = profiled_collapsed(profiled, options->by, &bytes);
    code = write_file(options->collapsed, text, bytes);
  }
  return code;
}

static int run(char **argv, struct options *options)
{
  struct profiled profiled;
  int code = take_options(argv, options);
  if (code)
    return code;
  uint32_t usual = options->request.rate < 65536 ? 1 << 24 : 1 << 20;
  options->request.blocks_max = options->capacity ? (uint32_t)options->capacity : usual;
  code = profiled_run(&options->request, &profiled);
  if (!code && (!profiled.profile->is_on || (profiled.own_malloc && !profiled.profile->samples))) {
    code = say_nothing_recorded(&profiled, options);
  } else if (!code) {
    if (options->leaks)
      profiled_leave_out(&profiled, options->ignored);
    profiled_print(&profiled, options->by, options->top, stderr);
    code = end_code(&profiled, options, write_files(&profiled, options));
  }
  profiled_free(&profiled);
  return code;
}

int cmd_profile(int argc, char **argv)
{
  (void)argc;
  struct options options = {.request.rate = 524288, .by = BY_PEAK, .top = 10};
  return run(argv, &options);
}

int cmd_leaks(int argc, char **argv)
{
  (void)argc;
  struct options options = {.leaks = true, .request.rate = 1, .by = BY_LIVE, .top = 10};
  return run(argv, &options);
}
