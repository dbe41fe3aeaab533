/* meta.c: records of all sizes, taken and given back at random: none overlaps another, pages come back for records of
 * another size, and a stale pointer stays readable. */
#include "tap.h"
#include "proc.h"
#include "rng.h"
#include "core/heap.h"
#include "core/meta.h"
#include "model/pattern.h"
#include "os/os.h"
#include <brim/brim.h>

enum { RECORDS = 5000 };
static struct {
  void *record;
  size_t bytes;
} held[RECORDS];
static size_t damaged, misaligned, refused;

static void put(size_t at)
{
  damaged += !pattern_holds(held[at].record, at, held[at].bytes);
  brimi_meta_free(held[at].record, held[at].bytes);
  held[at].record = NULL;
}

static void get(size_t at, size_t bytes)
{
  held[at].record = brimi_meta_alloc(bytes);
  held[at].bytes = bytes;
  refused += !held[at].record;
  misaligned += (uintptr_t)held[at].record % 64 != 0;
  pattern_fill(held[at].record, at, 0, bytes);
}

static void fill(size_t bytes)
{
  for (size_t at = 0; at < RECORDS; at++)
    get(at, bytes);
}

static void empty(void)
{
  for (size_t at = 0; at < RECORDS; at++)
    if (held[at].record)
      put(at);
}

/* One record of each size: they lie close together. */
static void few_of_many_sizes(void)
{
  uintptr_t lowest = UINTPTR_MAX, end = 0;
  size_t sum = 0;
  for (size_t bytes = 64; bytes <= META_RECORD_MAX; bytes += 64) {
    sum += bytes;
    get(bytes / 64, bytes);
    uintptr_t record = (uintptr_t)held[bytes / 64].record;
    lowest = record < lowest ? record : lowest;
    end = record + bytes > end ? record + bytes : end;
  }
  ok(end - lowest < 2 * sum, "a few records of many sizes, %zu KiB, lie in %zu KiB", sum >> 10, (end - lowest) >> 10);
}

/* The most records of one size that a thread with a heap keeps while all sizes come and go; *after is how many it keeps once it
 * has given them back. */
static unsigned most_own(struct heap *heap, unsigned *after)
{
  unsigned most = 0;
  for (int round = 0; round < 20; round++)
    for (size_t bytes = 64; bytes <= 1024; bytes += 64) {
      fill(bytes);
      empty();
      for (unsigned units = 0; units <= OWN_RECORD_UNITS; units++)
        most = heap->records[units].n > most ? heap->records[units].n : most;
    }
  brimi_meta_flush(heap);
  *after = 0;
  for (unsigned units = 0; units <= OWN_RECORD_UNITS; units++)
    *after += heap->records[units].n;
  return most;
}

static void own_records(void)
{
  brim_free(brim_malloc(1)); /* this thread has a heap from here on */
  unsigned after, most = most_own(brimi_heap_mine(), &after);
  ok(most > 1 && most <= 32, "a thread keeps a few records of a size: %u", most);
  ok(after == 0, "and gives them back");
  void *first = brimi_meta_alloc(64);
  brimi_meta_free(first, 64);
  ok(brimi_meta_alloc(64) == first, "the one freed last is used first");
  brimi_meta_free(first, 64);
  ok(!damaged && !refused, "records keep apart");
}

int main(void)
{
  struct rng rng = {1};
  brimi_os_init();
  few_of_many_sizes();
  for (int i = 0; i < 200000; i++) {
    size_t at = rng_below(&rng, RECORDS);
    if (held[at].record)
      put(at);
    else
      get(at, 1 + rng_below(&rng, META_RECORD_MAX));
  }
  empty();
  ok(!damaged && !misaligned && !refused, "records of all sizes keep apart");

  size_t before = brimi_meta_bytes();
  for (size_t bytes = 64; bytes <= META_RECORD_MAX; bytes += 64) {
    fill(bytes);
    empty();
  }
  size_t most = RECORDS * (META_RECORD_MAX + 64);
  ok(brimi_meta_bytes() < before + most + most / 4,
     "records of one size take the pages of another (%zu KiB, then %zu KiB)", before >> 10, brimi_meta_bytes() >> 10);

  fill(1000);
  unsigned char *stale = held[RECORDS / 2].record;
  size_t resident = rss_bytes();
  empty();
  brimi_meta_purge();
  ok_without_sanitizer(rss_bytes() < resident - RECORDS * 1000 / 2, "pages without a record lose their memory");
  ok(stale[0] == 0, "and can be read");
  fill(1000);
  empty();
  ok(!damaged && !refused, "and serve again");

  unsigned char *pages = brimi_meta_pages(100000);
  size_t set = 0;
  for (size_t i = 0; i < 100000; i++)
    set += pages[i] != 0;
  ok(!set, "fresh pages are zero");
  own_records();
  return done_testing();
}
