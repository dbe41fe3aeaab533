/* cmd_stats.c: `brim stats` prints the statistics of a process that runs on Brim. */
#include "arguments.h"
#include "cli.h"
#include "on_brim.h"
#include "process.h"
#include "text.h"

#include "../peek/peek.h"

#include <brim/brim.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = sizeof(struct stats) / sizeof(uint64_t) };

/* Fills in the rows that the kernel counts. */
static void add_kernels(pid_t pid, struct stats *rows)
{
  struct process_memory memory = process_memory(pid);
  rows->resident = memory.resident_bytes > 0 ? (uint64_t)memory.resident_bytes : 0;
  rows->resident_peak = memory.peak_bytes > 0 ? (uint64_t)memory.peak_bytes : 0;
  process_faults(pid, &rows->page_faults, &rows->page_faults_major);
}

static int read_rows(pid_t pid, struct stats *rows)
{
  static struct on_brim on;
  struct areas areas;
  if (on_brim_open(&on, &areas, pid, "maps"))
    on.result = peek_read(&on.target, rows);
  areas_free(&areas);
  return on_brim_say(&on);
}

static void print_text(const struct brim_stat *rows, const char *program, pid_t pid)
{
  printf("brim " BRIM_VERSION_STRING " statistics of ");
  plain_text(stdout, program);
  printf(", process %d (bytes, unless they are counts)\n", (int)pid);
  for (size_t i = 0; i < ROWS; i++)
    printf("  %-20s%14" PRIu64 "  %s\n", rows[i].name, rows[i].value, rows[i].help);
}

static void print_json(const struct brim_stat *rows, pid_t pid)
{
  printf("{\"version\": \"" BRIM_VERSION_STRING "\", \"process\": %d", (int)pid);
  for (size_t i = 0; i < ROWS; i++)
    printf(", \"%s\": %" PRIu64, rows[i].name, rows[i].value);
  printf("}\n");
}

/* The text format of Prometheus. */
static void print_prometheus(const struct brim_stat *rows, pid_t pid)
{
  for (size_t i = 0; i < ROWS; i++) {
    char name[64];
    bool only_grows = !strncmp(rows[i].name, "calls_", 6) || !strncmp(rows[i].name, "page_faults", 11);
    const char *unit = only_grows ? "_total" : rows[i].unit == BRIM_STAT_BYTES ? "_bytes" : "";
    snprintf(name, sizeof name, "brim_%s%s", rows[i].name, unit);
    printf("# HELP %s %s\n# TYPE %s %s\n%s{pid=\"%d\"} %" PRIu64 "\n", name, rows[i].help, name,
           only_grows ? "counter" : "gauge", name, (int)pid, rows[i].value);
  }
}

int cmd_stats(int argc, char **argv)
{
  (void)argc;
  union {
    struct stats rows;
    uint64_t values[ROWS];
  } peeked = {{0}};
  struct brim_stat rows[ROWS];
  char program[64];
  bool json = false, prometheus = false;
  pid_t pid = 0;
  for (int at = 1; argv[at]; at++) {
    if (!strcmp(argv[at], "--json"))
      json = true;
    else if (!strcmp(argv[at], "--prometheus"))
      prometheus = true;
    else if (*argv[at] == '-')
      return argument_unknown(argv[at]);
    else if (pid)
      return usage();
    else if (!argument_process(argv[at], &pid))
      return fail(EX_USAGE, "'%s' is no process id", argv[at]);
  }
  if (!pid || (json && prometheus))
    return usage();
  int failed = read_rows(pid, &peeked.rows);
  if (failed)
    return failed;
  add_kernels(pid, &peeked.rows);
  brim_stats(rows, ROWS);
  for (size_t i = 0; i < ROWS; i++)
    rows[i].value = peeked.values[i];
  process_name(pid, program, sizeof program);
  if (json)
    print_json(rows, pid);
  else if (prometheus)
    print_prometheus(rows, pid);
  else
    print_text(rows, program, pid);
  return 0;
}
