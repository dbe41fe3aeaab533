/* kept.c: memory that stays resident to be used again (see replaced.c, too). What a block leaves over goes back in time. Strings
 * that grow by turns need hardly more pages than were ever in use; one that grows alone hardly moves where another has grown
 * before. Aligned chunks serve again, and so does what is freed by a thread that only frees. A cleared table that is filled
 * sparsely stays sparse, and one in memory that was filled is clear. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "rng.h"
#include <malloc.h>
#include <pthread.h>

static size_t pages(size_t bytes) { return bytes / (size_t)sysconf(_SC_PAGESIZE); }

static bool is_filled(const unsigned char *block, unsigned char with, size_t bytes)
{
  return block[0] == with && memcmp(block, block + 1, bytes - 1) == 0;
}

static void what_is_cut_off_goes_back(void)
{
  enum { BEFORE = 64 << 20, AFTER = 1 << 20, TENTHS = 100 };
  unsigned char *block = memset(malloc(BEFORE), 1, BEFORE);
  size_t full = rss_bytes(), rss = full;
  block = realloc(block, AFTER);
  for (int tenth = 0; tenth < TENTHS && rss > full - (BEFORE - 2 * AFTER); tenth++, rss = rss_bytes())
    sleep_ms(100);
  ok(is_filled(block, 1, AFTER) && rss <= full - (BEFORE - 2 * AFTER),
     "a block of %d MiB becomes one of %d: of %zu KiB resident, %zu are left", BEFORE >> 20, AFTER >> 20, full >> 10,
     rss >> 10);
  free(block);
}

static void grow_and_free(size_t length)
{
  enum { STRINGS = 8 };
  char *string[STRINGS] = {NULL};
  for (size_t size = 128 << 10, old = 0; size < length; old = size, size += size / 8)
    for (int i = 0; i < STRINGS; i++)
      memset((string[i] = realloc(string[i], size)) + old, 1, size - old);
  for (int i = 0; i < STRINGS; i++)
    free(string[i]);
}

static void strings_grow_again(void)
{
  malloc_trim(0);
  size_t length = 4 << 20, before = minor_faults();
  grow_and_free(length);
  size_t first = minor_faults() - before;
  for (int i = 0; i < 8; i++)
    grow_and_free(length);
  size_t again = (minor_faults() - before - first) / 8;
  ok(again < first / 2, "strings that grow: %zu faults, and %zu where others have grown before", first, again);
}

/* Grows a block by small steps; returns how often it moved. Each byte keeps its value. */
static unsigned grow_by_steps(size_t from, size_t to, size_t step, bool *intact)
{
  unsigned moves = 0;
  unsigned char *text = malloc(from);
  memset(text, 1, from);
  for (size_t size = from; size + step <= to; size += step) {
    unsigned char *grown = realloc(text, size + step);
    moves += grown != text;
    text = grown;
    memset(text + size, (int)(size / step), step);
  }
  for (size_t size = from; size + step <= to; size += step)
    *intact &= text[size] == (unsigned char)(size / step) && text[size + step - 1] == text[size];
  free(text);
  return moves;
}

/* The room that the first has left lies behind the second, which grows into it. */
static void grows_where_it_is(void)
{
  enum { FROM = 160 << 10, TO = 6 << 20, STEP = 4096 };
  bool intact = true;
  malloc_trim(0);
  grow_by_steps(FROM, TO, STEP, &intact);
  size_t before = minor_faults();
  unsigned moves = grow_by_steps(FROM, TO, STEP, &intact);
  size_t faults = minor_faults() - before;
  ok(intact, "a block that grows by %d bytes to %d MiB keeps its contents", STEP, TO >> 20);
  ok(moves <= 2 && faults < pages(TO) / 4, "where another has grown it moves %u times: %zu faults", moves, faults);
}

/* Freed neighbours become one mapping, from which the next chunk is cut at an aligned place. */
static void aligned_chunks_serve_again(void)
{
  enum { CHUNK = 256 << 10, CHUNKS = 200, ROUNDS = 10 };
  char *chunk[CHUNKS];
  size_t before = 0, first = 0, astray = 0;
  malloc_trim(0);
  for (int round = 0; round < ROUNDS; round++) {
    before = round ? before : minor_faults();
    for (int i = 0; i < CHUNKS; i++) {
      chunk[i] = memset(aligned_alloc(CHUNK, CHUNK), 1, CHUNK);
      astray += (uintptr_t)chunk[i] % CHUNK;
    }
    for (int i = 0; i < CHUNKS; i++)
      free(chunk[i]);
    first = round ? first : minor_faults() - before;
  }
  size_t again = (minor_faults() - before - first) / (ROUNDS - 1);
  ok(!astray && again < first / 10, "%d aligned chunks of %d KiB: %zu faults, then %zu", CHUNKS, CHUNK >> 10, first,
     again);
}

enum { FRAME = 3 << 20, FRAMES = 40 };
static unsigned char *frame;
static pthread_barrier_t handed;

static void *free_frames(void *unused)
{
  for (int i = 0; i < FRAMES; i++) {
    pthread_barrier_wait(&handed);
    free(frame);
    pthread_barrier_wait(&handed);
  }
  return unused;
}

/* A thread that only frees large blocks keeps none of them for itself. */
static void frames_go_round(void)
{
  pthread_t consumer;
  malloc_trim(0);
  pthread_barrier_init(&handed, NULL, 2);
  if (pthread_create(&consumer, NULL, free_frames, NULL))
    exit(71);
  size_t before = rss_bytes(), most = 0;
  for (int i = 0; i < FRAMES; i++) {
    frame = memset(malloc(FRAME), 1, FRAME);
    pthread_barrier_wait(&handed);
    pthread_barrier_wait(&handed);
    size_t rss = rss_bytes();
    most = rss > most ? rss : most;
  }
  pthread_join(consumer, NULL);
  ok(most - before < 3 * (size_t)FRAME,
     "%d blocks of %d KiB that another thread frees, one at a time: %zu KiB resident", FRAMES, FRAME >> 10,
     (most - before) >> 10);
}

static void tables_stay_sparse(void)
{
  enum { TABLES = 32, ROUNDS = 10 };
  size_t size = 1 << 20, step = 256 << 10;
  unsigned char *table[TABLES] = {NULL};
  malloc_trim(0);
  size_t before = rss_bytes(), dirty = 0;
  for (int i = 0; i < ROUNDS * TABLES; i++) {
    unsigned char **t = &table[i % TABLES];
    free(*t);
    *t = calloc(1, size);
    for (size_t k = 0; k < size; k += step)
      dirty += (*t)[k], (*t)[k] = 1;
  }
  size_t resident = rss_bytes() - before;
  ok(!dirty, "a table that is used again is clear");
  ok(resident < TABLES * size / 8, "%d sparse tables of %zu KiB: %zu KiB resident", TABLES, size >> 10,
     resident >> 10);
  for (int i = 0; i < TABLES; i++)
    free(table[i]);
}

/* Whichever sizes were filled before, and whichever part of them. */
static void tables_are_clear(void)
{
  size_t dirty = 0;
  struct rng rng = {3};
  for (int i = 0; i < 300; i++) {
    size_t size = (100 << 10) + rng_below(&rng, 2 << 20), from = rng_below(&rng, size), to = from + (size - from) / 3;
    unsigned char *table = calloc(1, size);
    for (size_t k = 0; k < size; k++)
      dirty += table[k];
    memset(table + from, 255, to - from);
    free(table);
  }
  ok(!dirty, "tables of any size are clear, whichever part was filled before");
}

int main(void)
{
  what_is_cut_off_goes_back();
  strings_grow_again();
  grows_where_it_is();
  aligned_chunks_serve_again();
  frames_go_round();
  tables_stay_sparse();
  tables_are_clear();
  return done_testing();
}
