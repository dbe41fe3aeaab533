#include "core/heap.h"
#include "base/bits.h"
#include "core/bins.h"
#include "core/init.h"
#include "core/large.h"
#include "core/mail.h"
#include "core/meta.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "core/reentry.h"
#include "core/slabs.h"
#include "core/walk.h"
#include "os/os.h"

#include <pthread.h>
#include <string.h>

struct lock brimi_registry_lock;
_Atomic unsigned brimi_heap_n;
static struct heap *first_heap, *orphans; /* under brimi_registry_lock; first_heap's list only grows */
static pthread_key_t exit_key;
static bool have_exit_key;

static struct entry no_entry; /* of the empty heap: no block, and never written */

/* What malloc() finds before any code of ours has run, since a constructor of another library may allocate first: the bin
 * to which the table of zeros leads. brimi_heap_init sets the others: here, each would be a relocation at every start. */
struct front brimi_front = {.empty = {.bins = {[0] = {.top = &no_entry}}}};
THREAD_LOCAL struct mine brimi_mine;
static void set_mine(struct heap *heap)
{
  intptr_t offset = (intptr_t)((uintptr_t)heap - (uintptr_t)&brimi_front.empty);
  brimi_mine = (struct mine){offset, offset ? (uintptr_t)heap->bins : 0, (uintptr_t)heap->host};
}

/* ---- making heaps ------------------------------------------------------------------------------------------------ */

static void thread_exit(void *heap_of_thread);
static void orphan(struct heap *heap);

void brimi_heap_init(void)
{
  for (unsigned sc = 0; sc < CLASSES; sc++)
    brimi_front.empty.bins[sc].top = &no_entry;
  /* release: a thread that the table leads to a bin finds it set. */
  for (size_t units = 0; units <= TABLE_MAX / MIN_ALIGN; units++)
    __atomic_store_n(&brimi_front.bin_offset[units],
                     (uint16_t)(brimi_class_of(units * MIN_ALIGN) * sizeof(struct bin)), __ATOMIC_RELEASE);
  store_release(&brimi_front.bins_end, CLASS_MAX_BYTES); /* the same for bins by computed offset */
  if (brimi_options.stats == STATS_OFF) {
    brimi_large_uncounted = brimi_page_bytes;
    for (unsigned sc = 0; sc < CLASSES; sc++)
      brimi_classes[sc].uncounted_bytes = brimi_classes[sc].bytes;
  }
  have_exit_key = pthread_key_create(&exit_key, thread_exit) == 0;
}

static void set_up(struct heap *heap, struct entry *entries)
{
  struct bin *filled = heap->counted_bins ? heap->counted_bins : heap->bins;
  heap->entries = entries;
  heap->filled = filled;
  brimi_bins_set_up(heap);
}

static struct heap *new_heap(void)
{
  static union {
    struct heap heap;
    char room[160 * 1024]; /* with the entries of all bins; unit/bins tells when it is too small */
  } first_memory PAGE_ALIGNED;
  bool counting = brimi_options.stats != STATS_OFF;
  size_t slabs = sizeof(struct heap), bins = slabs + sizeof(struct class_slabs[CLASSES]);
  size_t entries = bins + (counting ? sizeof(struct bin[CLASSES]) : 0);
  size_t bytes = entries + brimi_bin_entries * sizeof(struct entry);
  struct heap *heap = !first_heap && bytes <= sizeof first_memory ? &first_memory.heap : brimi_meta_pages(bytes);
  if (!heap)
    return NULL;
  heap->slabs = (struct class_slabs *)((char *)heap + slabs);
  heap->counted_bins = counting ? (struct bin *)((char *)heap + bins) : NULL;
  set_up(heap, (struct entry *)((char *)heap + entries));
  return heap;
}

/* Puts up to `wanted` CACHED blocks of a torn heap's slab into entries, from block *from on; returns how many. The
 * slab stays at least until they are given back. */
static unsigned find_cached(struct heap *heap, void *start, unsigned *from, struct entry *entries, unsigned wanted)
{
  unsigned count = 0;
  brimi_lock(&heap->lock);
  struct slab *slab = brimi_walk_slab(heap, start);
  for (; slab && count < wanted && *from < slab->blocks; ++*from) {
    uint8_t state = load_relaxed(&slab->state[*from]);
    if (state == STATE_CACHED || state == STATE_CACHED_ZERO)
      entries[count++] =
          (struct entry){(void *)(slab->start + *from * brimi_slab_block_bytes(slab)), &slab->state[*from]};
  }
  brimi_unlock(&heap->lock);
  return count;
}

/* Blocks that were CACHED when a fork cut their thread off are nobody's: they become FREE. SENT ones lie in a
 * mailbox, or in a parcel of a thread that may live. */
static COLD void mend_slab(struct heap *heap, void *start, void *torn)
{
  enum { BATCH = 64 };
  struct entry entries[BATCH];
  unsigned from = 0;
  for (unsigned count = BATCH; heap == torn && count == BATCH;) {
    count = find_cached(heap, start, &from, entries, BATCH);
    brimi_heap_give(entries, count);
  }
}

/* Makes a heap that was inherited over a fork like new for its next thread. */
static COLD void mend(struct heap *heap)
{
  set_up(heap, heap->entries);
  memset(heap->open, 0, sizeof heap->open);
  store_relaxed(&heap->open_bytes, 0);
  memset(heap->records, 0, sizeof heap->records);
  heap->torn = false;
}

/* Twice the number of threads that use a host. The one that the heap had is given up only for one with fewer by two. */
static int burden(const struct heap *host, const struct heap *had)
{
  return (int)load_relaxed(&host->users) * 2 - 3 * (host == had);
}

/* A heap among the first n is its own host, any other has the one of these that the fewest threads use: each size
 * class keeps pages in each host's slabs, and hardly more threads run at a time than there are processors. Caller
 * holds the registry's lock. */
static struct heap *host_for(struct heap *heap)
{
  enum { PER_PROCESSOR = 2 };
  static size_t by_processors;
  size_t n = brimi_options.hosts ? (size_t)brimi_options.hosts : by_processors;
  if (!n)
    n = by_processors = PER_PROCESSOR * brimi_os_processors();
  struct heap *fewest = NULL, *host = first_heap;
  for (; n && host && host != heap; host = host->next, n--)
    if (!fewest || burden(host, heap->host) < burden(fewest, heap->host))
      fewest = host;
  return n ? heap : fewest;
}

static void publish(struct heap *heap)
{
  struct heap **end = &first_heap;
  while (*end)
    end = &(*end)->next;
  /* release: pairs with brimi_heap_first and brimi_heap_next, whose callers hold no lock. */
  __atomic_store_n(end, heap, __ATOMIC_RELEASE);
  bump_relaxed(&brimi_heap_n, 1);
}

static COLD struct heap *adopt_or_make(void)
{
  brimi_lock(&brimi_registry_lock);
  struct heap *heap = orphans, *made = heap ? NULL : new_heap();
  if (heap)
    orphans = heap->next_orphan;
  else
    heap = made;
  if (heap) {
    struct heap *host = host_for(heap);
    if (heap->host != host) /* else not written: a host's own is read at any time (brimi_heap_shared) */
      heap->host = host;
    bump_relaxed(&host->users, 1);
    if (heap->torn)
      mend(heap);
    if (host->torn_slabs)
      brimi_walk_slabs(mend_slab, host);
    host->torn_slabs = false;
  }
  if (made)
    publish(made);
  brimi_unlock(&brimi_registry_lock);
  return heap;
}

bool brimi_heap_attach(void)
{
  if (brimi_past_end || !have_exit_key)
    return false;
  struct heap *heap = adopt_or_make();
  if (!heap)
    return false;
  set_mine(heap);
  pthread_setspecific(exit_key, heap);
  return true;
}

struct heap *brimi_heap_first(void) { return __atomic_load_n(&first_heap, __ATOMIC_ACQUIRE); }

struct heap *brimi_heap_shared(void)
{
  struct heap *heap = brimi_heap_first();
  if (heap)
    return heap;
  if ((heap = adopt_or_make()))
    orphan(heap);
  return heap;
}

/* ---- the end of a thread ----------------------------------------------------------------------------------------- */

void brimi_heap_flush(struct heap *heap)
{
  brimi_bins_flush(heap);
  brimi_mail_open_all(heap);
  brimi_mail_deliver(heap->host);
  if (brimi_large_any())
    brimi_large_flush(heap);
}

static void orphan(struct heap *heap)
{
  brimi_lock(&brimi_registry_lock);
  heap->next_orphan = orphans;
  orphans = heap;
  bump_relaxed(&heap->host->users, -1u);
  brimi_unlock(&brimi_registry_lock);
}

/* Runs among the thread's last destructors. A destructor that runs later and allocates is served without a heap: if
 * the key were set again, libc would call this only a few more times. */
static void thread_exit(void *heap_of_thread)
{
  struct heap *heap = heap_of_thread;
  if (heap != brimi_heap_mine())
    return;
  bool entered = brimi_enter();
  brimi_past_end = true;
  set_mine(&brimi_front.empty);
  brimi_heap_flush(heap);
  if (load_relaxed(&heap->host->users) == 1)
    brimi_slabs_release_empty(heap->host, false);
  orphan(heap);
  if (entered)
    brimi_leave();
}

/* The slabs of this thread's host are not marked torn: what else is CACHED there cannot be told from what is in its bins.
 * Nor are those of the first heap: a thread without a heap may hold a block of them that it has not marked LIVE yet. */
void brimi_heap_after_fork(void)
{
  struct heap *mine = brimi_heap_mine();
  orphans = NULL;
  for (struct heap *heap = first_heap; heap; heap = brimi_heap_next(heap)) {
    store_relaxed(&heap->users, heap == mine->host);
    heap->torn_slabs |= heap != mine->host && heap != first_heap;
    if (heap == mine)
      continue;
    store_relaxed(&heap->is_taking, false);
    heap->torn = true;
    heap->next_orphan = orphans;
    orphans = heap;
  }
}
