/* bins.c: what the bins of a thread hold is bounded, whatever it frees; blocks that it uses by turns stay in them. */
#define _GNU_SOURCE
#include "tap.h"
#include "core/bins.h"
#include "core/verify.h"
#include <brim/brim.h>
#include <pthread.h>

/* A bin takes room from others after WANTED wishes, one each round (bins.c). */
enum { MOST = 150, ROUNDS = 40, STAYING = 200, HELD = 400, HELD_BYTES = 100000, THREADS = 31 };

/* By the linker: where the program's own zeroed memory lies. */
extern char __bss_start[], _end[];

static void take(size_t bytes, unsigned count, void **blocks)
{
  for (unsigned i = 0; i < count; i++)
    *(volatile char *)(blocks[i] = brim_malloc(bytes)) = 1;
}

/* Allocates `count` blocks and frees them. Returns how many bytes the heap's slabs had in between. */
static size_t take_turns(size_t bytes, unsigned count)
{
  void *blocks[MOST];
  take(bytes, count, blocks);
  size_t slab_bytes = load_relaxed(&brimi_heap_mine()->slab_bytes);
  for (unsigned i = 0; i < count; i++)
    brim_free(blocks[i]);
  return slab_bytes;
}

/* Whether each bin keeps to its limit, and the heap counts right what they may hold beyond their own, which goes to *extra. */
static bool keeps_to_limits(struct heap *heap, size_t *extra)
{
  bool keeps = true;
  *extra = 0;
  for (unsigned sc = 0; sc < CLASSES; sc++) {
    const struct class_info *info = &brimi_classes[sc];
    unsigned limit = heap->limit[sc];
    keeps &= brimi_bin_count(heap, sc) <= limit && limit <= info->bin_max;
    *extra += limit > info->bin_own ? (size_t)(limit - info->bin_own) * info->bytes : 0;
  }
  return keeps && *extra == heap->extra_bytes;
}

/* Each class in turn wants as much as it can get. Returns the most that the bins had beyond their own; *share is the largest
 * share of the heap that they were allowed. */
static size_t use_every_class(struct heap *heap, bool *keeps, size_t *share)
{
  size_t most = 0;
  *share = 0;
  for (unsigned sc = 0; sc < CLASSES; sc++)
    for (int round = 0; round < ROUNDS; round++) {
      size_t extra;
      size_t slab_bytes = take_turns(brimi_class_bytes(sc) - 1, brimi_is_wide(sc) ? 40 : MOST);
      *keeps &= keeps_to_limits(heap, &extra);
      most = max_size(most, extra);
      *share = max_size(*share, slab_bytes / BIN_EXTRA_SHARE);
    }
  return most;
}

static void stay(size_t bytes, unsigned count)
{
  struct heap *heap = brimi_heap_mine();
  unsigned sc = brimi_class_of(bytes);
  for (int round = 0; round < STAYING; round++)
    take_turns(bytes, count);
  uint32_t slabs = load_relaxed(&heap->slabs[sc].n);
  size_t held = brimi_bin_count(heap, sc);
  take_turns(bytes, count);
  ok(held >= count && brimi_bin_count(heap, sc) == held && load_relaxed(&heap->slabs[sc].n) == slabs,
     "%u blocks of %zu bytes by turns stay in their bin: it holds %zu", count, bytes, held);
}

static pthread_barrier_t step;

static void *have_a_heap(void *unused)
{
  brim_free(brim_malloc(100));
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  return unused;
}

int main(void)
{
  bool keeps = true;
  take_turns(1, 1); /* this thread has a heap from here on */
  stay(64, 100);
  stay(1000, 60);
  stay(16000, 16);
  stay(40000, 8);
  stay(100000, 8);
  struct heap *mine = brimi_heap_mine();
  ok((char *)mine >= __bss_start && (char *)(mine->entries + brimi_bin_entries) <= _end,
     "the first heap has its bins without a call of the system");
  take_turns(50000, MOST);
  ok(brimi_bin_count(mine, brimi_class_of(50000)) == 0, "of %d wide blocks that are freed, none stays in the bin",
     MOST);
  size_t share, most = use_every_class(mine, &keeps, &share);
  ok(keeps && most <= max_size(share, BIN_EXTRA_FEW) && most > BIN_EXTRA,
     "bins share %d KiB beyond their own, or half of the heap, %zu: %zu", BIN_EXTRA_FEW >> 10, share >> 10,
     most >> 10);

  static void *held[HELD];
  take(HELD_BYTES, HELD, held); /* the heap is large from here on */
  most = use_every_class(mine, &keeps, &share);
  ok(keeps && share > BIN_EXTRA_MOST && most <= BIN_EXTRA_MOST && most > BIN_EXTRA_MOST / 2,
     "where half is more, no more than %d KiB: %zu", BIN_EXTRA_MOST >> 10, most >> 10);

  pthread_t threads[THREADS];
  pthread_barrier_init(&step, NULL, THREADS + 1);
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, have_a_heap, NULL))
      return 71;
  pthread_barrier_wait(&step);
  use_every_class(mine, &keeps, &share); /* makes room */
  most = use_every_class(mine, &keeps, &share);
  size_t part = BIN_EXTRA_ALL / (THREADS + 1);
  ok(keeps && most <= part && most > part / 2, "of %d heaps, each %zu KiB: %zu", THREADS + 1, part >> 10, most >> 10);
  pthread_barrier_wait(&step);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  for (unsigned i = 0; i < HELD; i++)
    brim_free(held[i]);
  const char *broken = brimi_verify();
  ok(!broken, "every invariant holds (%s)", broken ? broken : "all of them");
  return done_testing();
}
