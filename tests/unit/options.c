/* options.c: values from the environment are taken, or refused with one line, and then the default holds. */
#include "tap.h"
#include "core/options.h"

static const struct {
  const char *name, *text, *problem;
} checks[] = {
    {"MMAP_THRESHOLD", "131072", NULL},
    {"MMAP_THRESHOLD", "64K", NULL},
    {"MMAP_THRESHOLD", "2m", NULL},
    {"MMAP_THRESHOLD", "1G", NULL},
    {"MMAP_THRESHOLD", "", "not a number of bytes such as 131072, 128K, 1M or 1G"},
    {"MMAP_THRESHOLD", "64KB", "not a number of bytes such as 131072, 128K, 1M or 1G"},
    {"MMAP_THRESHOLD", "-1", "not a number of bytes such as 131072, 128K, 1M or 1G"},
    {"MMAP_THRESHOLD", "64T", "not a number of bytes such as 131072, 128K, 1M or 1G"},
    {"MMAP_THRESHOLD", "0", "too small"},
    {"MMAP_THRESHOLD", "99999999999999999999999", "too large"},
    {"MMAP_THRESHOLD", "18446744073709551615G", "too large"},
    {"PURGE_DELAY", "0", NULL},
    {"PURGE_DELAY", "1K", "not a number"},
    {"PURGE_DELAY", " 1", "not a number"},
    {"STATS", "json", NULL},
    {"STATS", "jso", "none of the choices"},
    {"STATS", "0|1", "none of the choices"},
    {"STATS", "", "none of the choices"},
    {"BREAK", "1", NULL},
    {"BREAK", "2", "too large"},
    {"break", "1", "no such option"},
    {"", "1", "no such option"},
};

static int read_them(void *environment)
{
  brimi_options_read(environment);
  return 0;
}

static int announce(void *environment)
{
  brimi_options_read(environment);
  brimi_options_announce("here");
  return 0;
}

static const char *const good[] = {"PATH=/bin",           "BRIM_MMAP_THRESHOLD=1M", "BRIM_STATS=json",
                                   "BRIM_ON_MISUSE=warn", "XBRIM_BREAK=0",          NULL};
static const char *const bad[] = {"BRIM_MMAP_THRESHOLD=1X", "BRIM_NOTHING=1", "BRIM_BREAK=7", "BRIM_BREAK", NULL};

int main(void)
{
  size_t wrong = 0, rows = 0, silent = 0, default_outside = 0;
  for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
    const char *problem = brim_option_check(checks[i].name, checks[i].text), *expected = checks[i].problem;
    if (problem == expected || (problem && expected && !strcmp(problem, expected)))
      continue;
    wrong++;
    diag("%s=%s: %s", checks[i].name, checks[i].text, problem ? problem : "taken");
  }
  ok(!wrong, "values are taken, or refused with the reason");

  struct brim_option row;
  for (; brim_option_at(rows, &row); rows++) {
    silent += !row.help || !*row.help || (row.type == BRIM_OPTION_CHOICE) != (row.choices != NULL);
    default_outside += row.value != row.initial || row.initial < row.min || row.initial > row.max;
  }
  ok(rows > 5 && !silent && !default_outside, "%zu rows: each says what it is, and its default is in its range",
     rows);

  dies_with(
      0,
      "brim: BRIM_MMAP_THRESHOLD=1X: not a number of bytes such as 131072, 128K, 1M or 1G; the default is used\n"
      "brim: BRIM_NOTHING=1: no such option; 'brim options' lists them\n"
      "brim: BRIM_BREAK=7: too large; the default is used\n",
      read_them, (void *)bad, "one line for each that is unknown or malformed");
  brimi_options_read((char **)bad);
  ok(brimi_options.mmap_threshold == 128 << 10 && brimi_options.use_break == 1, "and the defaults");
  dies_with(0, "", read_them, (void *)good, "no line for those that are well");
  dies_with(0,
            "brim: active, version " BRIM_VERSION_STRING
            ", here, BRIM_MMAP_THRESHOLD=1M, BRIM_ON_MISUSE=warn, BRIM_STATS=json\n",
            announce, (void *)good, "announced as they are written");
  brimi_options_read((char **)good);
  ok(brimi_options.mmap_threshold == 1 << 20 && brimi_options.stats == STATS_JSON &&
         brimi_options.on_misuse == MISUSE_WARN && brimi_options.use_break == 1,
     "which are in force");
  brimi_options_read(NULL);
  brimi_options_set("MMAP_THRESHOLD", 256 << 10);
  ok(brimi_options.mmap_threshold == 256 << 10, "mallopt sets the threshold");
  brimi_options_set("MMAP_THRESHOLD", 0);
  ok(brimi_options.mmap_threshold == 1024, "within its range");
  return done_testing();
}
