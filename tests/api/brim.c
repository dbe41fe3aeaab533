/* brim.c: what Brim says about itself: version, options, statistics. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include <sys/prctl.h>

static void version(void)
{
  char text[32];
  snprintf(text, sizeof text, "%d.%d.%d", BRIM_VERSION / 10000, BRIM_VERSION / 100 % 100, BRIM_VERSION % 100);
  ok(brim_version() == BRIM_VERSION, "the library is as old as the header");
  ok(!strcmp(text, BRIM_VERSION_STRING), "the version's number and text agree");
}

static void options(void)
{
  struct brim_option row;
  bool complete = true, in_range = true, at_default = true;
  size_t rows = 0, thresholds = 0;
  for (; brim_option_at(rows, &row); rows++) {
    complete &= row.name && *row.name && row.help && *row.help && (row.type == BRIM_OPTION_CHOICE) == !!row.choices;
    in_range &= row.initial >= row.min && row.initial <= row.max && row.value >= row.min && row.value <= row.max;
    at_default &= row.value == row.initial;
    thresholds += !strcmp(row.name, "MMAP_THRESHOLD") && row.value == THRESHOLD && row.type == BRIM_OPTION_BYTES;
  }
  ok(rows && complete, "%zu options have a name and a sentence", rows);
  ok(in_range && at_default, "all in their range, at their defaults");
  ok(thresholds == 1, "MMAP_THRESHOLD is 128 KiB");
  ok(!brim_option_at(rows, &row) && !brim_option_at(SIZE_MAX, &row), "there is no row past the last");
  ok(!brim_option_check("MMAP_THRESHOLD", "1M") && !brim_option_check("MMAP_THRESHOLD", "65536"),
     "values that are fine");
  static const char *const bad[] = {"", "x", "12x", "-1", "1Q", "99999999999999999999999999", "1.5M", " "};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const char *why = brim_option_check("MMAP_THRESHOLD", bad[i]);
    ok(why && *why, "MMAP_THRESHOLD=%s: %s", bad[i], why ? why : "(taken)");
  }
  ok(brim_option_check("ON_MISUSE", "explode") && !brim_option_check("ON_MISUSE", "warn"), "a choice and no choice");
  ok(brim_option_check("NO_SUCH_OPTION", "1") != NULL, "an option that there is not");
}

static uint64_t sum_of(const struct brim_stat *rows, size_t count, const char *word)
{
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++)
    if (strstr(rows[i].name, word) && rows[i].unit == BRIM_STAT_BYTES)
      sum += rows[i].value;
  return sum;
}

static void statistics(void)
{
  static struct brim_stat rows[256], again[256];
  size_t count = brim_stats(NULL, 0);
  ok(count > 4 && count < 256, "%zu statistics", count);
  ok(brim_stats(rows, 256) == count, "all of them fit");
  bool complete = true;
  for (size_t i = 0; i < count; i++)
    complete &= rows[i].name && *rows[i].name && rows[i].help && *rows[i].help;
  ok(complete, "each has a name and a sentence");
  memset(again, 0xee, sizeof again);
  brim_stats(again, 3);
  ok(again[2].name == rows[2].name && again[3].value == 0xeeeeeeeeeeeeeeee, "a smaller table is not overrun");
  void *small = malloc(50000), *large = malloc(10 << 20);
  size_t usable = malloc_usable_size(small) + malloc_usable_size(large);
  brim_stats(again, 256);
  uint64_t before = sum_of(rows, count, "_live"), with = sum_of(again, count, "_live");
  ok(with == before + usable, "the live bytes follow two allocations: %llu, then %llu", (unsigned long long)before,
     (unsigned long long)with);
  free(small), free(large);
}

/* The kernel shows the thread's name in the file that the numbers are read from. */
static void resident_whatever_the_name(void)
{
  static struct brim_stat rows[256];
  size_t count = brim_stats(rows, 256);
  prctl(PR_SET_NAME, "VmRSS: 1");
  uint64_t before = sum_of(rows, count, "resident");
  brim_stats(rows, 256);
  ok(before > 8192 && sum_of(rows, count, "resident") >= before / 4 * 3, "resident is no part of the thread's name");
}

int main(void)
{
  free(malloc(1));
  version();
  options();
  statistics();
  resident_whatever_the_name();
  return done_testing();
}
