/* cmd_stats.c: `brim stats` prints the statistics of a process that runs on Brim. */
#include "areas.h"
#include "arguments.h"
#include "cli.h"
#include "elf.h"
#include "naming.h"
#include "own_malloc.h"
#include "process.h"
#include "text.h"

#include "../peek/peek.h"

#include <brim/brim.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = sizeof(struct stats) / sizeof(uint64_t) };

/* The area that the first byte of libbrim.so is loaded to, or that of the program, which may be linked with libbrim.a or
 * libbrim-prefixed.a: the lowest of its areas, which are in the order of their addresses. NULL if there is none. */
static const struct area *find_library(const struct areas *areas)
{
  for (size_t i = 0; i < areas->count; i++)
    if (!strncmp(naming_base(areas->list[i].path), "libbrim.so", 10))
      return &areas->list[i];
  return NULL;
}

static const struct area *find_program(const char *link, const struct areas *areas)
{
  char path[PATH_MAX];
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length > 0 ? length : 0] = '\0';
  for (size_t i = 0; i < areas->count && length > 0; i++)
    if (!strcmp(areas->list[i].path, path))
      return &areas->list[i];
  return NULL;
}

static int say(pid_t pid, enum peek_result result, const char *path)
{
  switch (result) {
  case PEEK_READ:
    return 0;
  case PEEK_NO_FILE:
    return fail(EX_NOINPUT, "can't read '%s', which process %d has loaded: it was replaced or removed since", path,
                (int)pid);
  case PEEK_STRIPPED:
    return fail(EX_DATAERR, "'%s' has no symbol table (strip removed it), so that nothing can be found in process %d",
                path, (int)pid);
  case PEEK_OTHER:
    return fail(EX_DATAERR, "'%s' is of another build of Brim; use the brim command that came with it", path);
  case PEEK_FORBIDDEN:
    return fail(EX_NOPERM, "the memory of process %d may not be read; try with sudo", (int)pid);
  case PEEK_GONE:
    break;
  }
  return fail(EX_NOINPUT, "process %d has ended meanwhile", (int)pid);
}

/* What the kernel counts. */
static void add_kernels(pid_t pid, struct stats *rows)
{
  struct process_memory memory = process_memory(pid);
  rows->resident = memory.resident_bytes > 0 ? (uint64_t)memory.resident_bytes : 0;
  rows->resident_peak = memory.peak_bytes > 0 ? (uint64_t)memory.peak_bytes : 0;
  process_faults(pid, &rows->page_faults, &rows->page_faults_major);
}

/* From the areas of the process. */
static int read_brim(pid_t pid, const struct areas *areas, struct stats *rows)
{
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
  const struct area *library = find_library(areas), *brim = library ? library : find_program(link, areas);
  enum peek_result result = PEEK_OTHER;
  if (brim) {
    snprintf(path, sizeof path, "/proc/%d/root%s", (int)pid, brim->path);
    const char *file = library ? path : link;
    result = peek_read(pid, file, brim->start - image_address_of(file, 0), rows);
  }
  bool is_missing = result == PEEK_STRIPPED || result == PEEK_OTHER;
  if (!brim || (!library && is_missing && own_malloc(link) != OWN_MALLOC_BRIM))
    return fail(EX_DATAERR, "process %d does not run on Brim; 'brim map %d' draws any process", (int)pid, (int)pid);
  return say(pid, result, brim->path);
}

static int read_rows(pid_t pid, struct stats *rows)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
  FILE *maps = fopen(path, "re");
  if (!maps && errno == ENOENT)
    return fail(EX_NOINPUT, "no process %d; see 'ps'", (int)pid);
  struct areas areas = {0};
  if (maps) {
    areas = areas_read(maps);
    fclose(maps);
  }
  if (!areas.count)
    return fail(EX_NOPERM,
                "the memory of process %d may not be read: it is another user's, the kernel's, or has ended",
                (int)pid);
  int failed = read_brim(pid, &areas, rows);
  areas_free(&areas);
  return failed;
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
