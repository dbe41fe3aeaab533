/* resident.c: `brim resident PID` says what each resident byte is for. Here it is what this process has written: blocks that it
 * holds or has freed, and what it has mapped itself. Together the bytes are what the kernel counts. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "memory/ask.h"
#include <sys/mman.h>

enum {
  SMALL = 4000,
  SMALL_BYTES = 3000,
  WIDE = 100,
  WIDE_BYTES = 50000,
  LARGE_BYTES = 5 << 20,
  KEPT_BYTES = 3 << 20,
  FOREIGN_BYTES = 7 << 20,
  TINY = 200000,
  TINY_BYTES = 16,
  SLACK = 512 << 10 /* for what the C library and the test have besides */
};
static void *small[SMALL], *wide[WIDE], *tiny[TINY];

static const char *const places[] = {"heap_live",
                                     "heap_beside_live",
                                     "heap_free_blocks",
                                     "heap_free_runs",
                                     "mappings_live",
                                     "mappings_beside_live",
                                     "mappings_cached",
                                     "metadata",
                                     "files",
                                     "stacks",
                                     "others"};

static void *written(size_t bytes)
{
  void *block = malloc(bytes);
  return block ? memset(block, 1, malloc_usable_size(block)) : NULL;
}

/* What the command says at a time when the kernel's count is the same before and after. */
static bool ask_at_rest(char *text, size_t size)
{
  for (int tries = 0; tries < 100; tries++) {
    size_t before = rss_bytes();
    if (!ask("resident", text, size))
      return false;
    if (before == rss_bytes() && row_of(text, "resident") == before)
      return true;
    sleep_ms(20);
  }
  return false;
}

static bool is_about(const char *text, const char *place, uint64_t bytes)
{
  uint64_t said = row_of(text, place);
  diag("%s: %llu, expected %llu", place, (unsigned long long)said, (unsigned long long)bytes);
  return said != UINT64_MAX && said >= bytes && said <= bytes + SLACK;
}

static uint64_t sum_of(const char *text)
{
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
    sum += row_of(text, places[i]);
  return sum;
}

/* Whether `brim map` gives that name to the region that the address is in. */
static bool is_called(const char *name, const void *address)
{
  static char text[1 << 18], key[64];
  unsigned long long start, end;
  snprintf(key, sizeof key, "\"name\": \"%s\"", name);
  if (!ask("map", text, sizeof text))
    return false;
  for (char *at = text; (at = strstr(at, "\"start\": ")); at++) {
    char *line_end = strchr(at, '}');
    if (sscanf(at, "\"start\": \"%llx\", \"end\": \"%llx\"", &start, &end) != 2 || !line_end)
      return false;
    *line_end = '\0';
    if (start <= (uintptr_t)address && (uintptr_t)address < end)
      return strstr(at, key) != NULL;
    *line_end = '}';
  }
  return false;
}

int main(void)
{
  static char text[8192];
  start_with("BRIM_PURGE_DELAY", "3600000"); /* what is freed stays where it is */
  uint64_t live = 0;
  for (int i = 0; i < SMALL; i++)
    small[i] = written(SMALL_BYTES);
  for (int i = 0; i < WIDE; i++)
    wide[i] = written(WIDE_BYTES);
  void *large = written(LARGE_BYTES), *kept = written(KEPT_BYTES);
  /* The records of tiny blocks get a mapping below this guard. The foreign one lies below that; the kernel shows both as one. */
  mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < TINY; i++)
    live += malloc_usable_size(tiny[i] = written(TINY_BYTES));
  void *foreign = mmap(NULL, FOREIGN_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (foreign == MAP_FAILED)
    _exit(71);
  memset(foreign, 1, FOREIGN_BYTES);
  free(kept);
  for (int i = 0; i < SMALL; i += 2)
    free(small[i]);
  for (int i = 0; i < WIDE / 2; i++)
    free(wide[i]);
  for (int i = 1; i < SMALL; i += 2)
    live += malloc_usable_size(small[i]);
  for (int i = WIDE / 2; i < WIDE; i++)
    live += malloc_usable_size(wide[i]);
  if (!ok(ask_at_rest(text, sizeof text), "the command says as much as the kernel, while the process is at rest"))
    return done_testing();
  ok(sum_of(text) == row_of(text, "resident"), "the places together are all");
  ok(is_about(text, "heap_live", live), "blocks that are held");
  ok(is_about(text, "mappings_live", malloc_usable_size(large)), "a large one");
  ok(is_about(text, "mappings_cached", KEPT_BYTES), "a large one that was freed");
  ok(is_about(text, "others", FOREIGN_BYTES), "what the program has mapped itself");
  ok(is_about(text, "metadata", TINY), "Brim's records, a byte for each tiny block among them, and no more");
  uint64_t small_free =
      row_of(text, "heap_beside_live") + row_of(text, "heap_free_blocks") + row_of(text, "heap_free_runs");
  ok(small_free >= SMALL / 2 * SMALL_BYTES + WIDE / 2 * WIDE_BYTES, "what was freed of the heap: %llu",
     (unsigned long long)small_free);
  ok(row_of(text, "heap_beside_live") > SMALL / 4 * SMALL_BYTES, "some of it between blocks that are held");
  ok(row_of(text, "stacks") > 0 && row_of(text, "files") > 0 && row_of(text, "metadata") > 0, "and the rest");
  ok(is_called("mapping", foreign), "'brim map' calls what is mostly the program's its own");
  return done_testing();
}
