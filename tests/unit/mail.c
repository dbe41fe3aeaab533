/* mail.c: blocks that another thread frees come back to their heap: by the owner's hand when it allocates, by the sender's
 * when the mailbox is full, by a trim when the owner sleeps. They overflow no bin. What is freed twice on the way is named. */
#define _GNU_SOURCE
#include "tap.h"
#include "core/heap.h"
#include "core/mail.h"
#include "core/pagemap.h"
#include "core/verify.h"
#include <brim/brim.h>
#include <pthread.h>

enum { BLOCKS = 20000, BYTES = 1000 };
static void *blocks[BLOCKS];
static pthread_barrier_t step;

static void *free_all(void *unused)
{
  for (int i = 0; i < BLOCKS; i++)
    brim_free(blocks[i]);
  return unused;
}

static void allocate_all(void)
{
  for (int i = 0; i < BLOCKS; i++)
    blocks[i] = brim_malloc(BYTES);
}

static void in_a_thread(void *(*body)(void *))
{
  pthread_t thread;
  if (pthread_create(&thread, NULL, body, NULL))
    exit(71);
  pthread_join(thread, NULL);
}

static void well(const char *when)
{
  const char *broken = brimi_verify();
  ok(!broken, "every invariant holds %s (%s)", when, broken ? broken : "all of them");
}

static void owner_takes_them_back(void)
{
  allocate_all();
  struct heap *heap = brimi_heap_mine();
  uint64_t slabs = heap->slab_bytes;
  in_a_thread(free_all);
  well("after a thread that only frees");
  allocate_all();
  ok(heap->slab_bytes <= slabs + slabs / 8, "the owner allocates them again (%zu KiB in slabs, then %zu)",
     (size_t)slabs >> 10, (size_t)heap->slab_bytes >> 10);
  free_all(NULL);
  well("and frees them itself");
}

static struct heap *sleeper_heap;

static void *allocate_and_sleep(void *unused)
{
  allocate_all();
  sleeper_heap = brimi_heap_mine();
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  return unused;
}

static void sleeping_owner(void)
{
  pthread_t thread;
  pthread_barrier_init(&step, NULL, 2);
  if (pthread_create(&thread, NULL, allocate_and_sleep, NULL))
    exit(71);
  pthread_barrier_wait(&step);
  size_t most = 0, bound = (256 << 10) + sleeper_heap->slab_bytes / 8 + PARCEL_BYTES + BYTES;
  for (int i = 0; i < BLOCKS; i++) {
    brim_free(blocks[i]);
    size_t waiting = sleeper_heap->mail_bytes;
    most = waiting > most ? waiting : most;
  }
  ok(most && most <= bound, "at most %zu KiB wait for an owner that sleeps (%zu)", bound >> 10, most >> 10);
  brim_malloc_trim(0);
  ok(!sleeper_heap->mailbox && !sleeper_heap->mail_bytes, "a trim delivers the rest");
  well("while the owner sleeps");
  pthread_barrier_wait(&step);
  pthread_join(thread, NULL);
}

static void *free_first(void *unused)
{
  brim_free(blocks[0]);
  return unused;
}

static void few_at_a_time(void)
{
  struct heap *heap = brimi_heap_mine();
  unsigned waiting = 0;
  for (int i = 0; i < 100; i++) {
    blocks[0] = brim_malloc(BYTES);
    in_a_thread(free_first);
    waiting += heap->mailbox != NULL;
  }
  ok(!waiting, "a thread that ends leaves no parcel of a few blocks (%u of 100 did)", waiting);
  well("after threads that free one block each");
}

enum { WIDE = 20000, WIDE_BLOCKS = 10 * PARCEL_FEW };

/* Returns the heap if mail came to it early. */
static void *free_wide(void *owner)
{
  struct heap *heap = owner;
  bool early = false;
  for (int i = 0; i < WIDE_BLOCKS; i++) {
    brim_free(blocks[i]);
    early |= i < PARCEL_FEW && heap->mailbox;
  }
  return early ? heap : NULL;
}

/* Several wide blocks go at a time, though so many are more bytes than a parcel has of others. */
static void wide_blocks(void)
{
  struct heap *heap = brimi_heap_mine();
  brim_malloc_trim(0);
  for (int i = 0; i < WIDE_BLOCKS; i++)
    blocks[i] = brim_malloc(WIDE);
  uint64_t used = heap->used_bytes;
  pthread_t thread;
  void *early;
  if (pthread_create(&thread, NULL, free_wide, heap))
    exit(71);
  pthread_join(thread, &early);
  ok(PARCEL_FEW * WIDE > PARCEL_BYTES && !early, "%d blocks of %d bytes go by mail at a time", PARCEL_FEW, WIDE);
  ok(heap->mail_bytes >= 4 * PARCEL_FEW * WIDE, "so many wait as four parcels bring (%zu KiB)",
     heap->mail_bytes >> 10);
  void *first = brim_malloc(WIDE);
  unsigned cached = brimi_bin_count(heap, brimi_class_of(WIDE));
  ok(cached == PARCEL_FEW - 1, "the owner's bin grows for what a parcel holds (%u)", cached);
  brim_free(first);
  brim_malloc_trim(0);
  ok(!heap->mail_bytes && heap->used_bytes + WIDE_BLOCKS * WIDE <= used, "and all come back");
  well("after wide blocks by mail");
}

enum {
  WIDE_CLASSES = 4,
  PER_CLASS = PARCEL_FEW / WIDE_CLASSES,
  TURNS = 60,
  OTHERS = 40,
  INSISTS = 128,
  NO_ROOM = 16 << 20
};

/* Frees a parcel of wide blocks, sent when the next block comes, and others, which go to their slabs when the thread ends. */
static void *free_parcel(void *unused)
{
  for (int i = 0; i < PARCEL_FEW + OTHERS; i++)
    brim_free(blocks[i]);
  return unused;
}

/* Wide blocks that come by mail while the bin of another class is filled take room from that bin, which must get no more blocks
 * than it may then hold. */
static void room_lost_to_mail(void)
{
  struct heap *heap = brimi_heap_mine();
  unsigned sc = brimi_class_of(BYTES);
  brim_malloc_trim(0);
  for (int turn = 0; turn < 10; turn++) {
    for (int i = 0; i < TURNS; i++)
      blocks[i] = brim_malloc(BYTES);
    for (int i = 0; i < TURNS; i++)
      brim_free(blocks[i]);
  }
  for (int i = 0; i < PARCEL_FEW; i++) {
    blocks[i] = brim_malloc((size_t)5000 << (i / PER_CLASS));
    heap->wanted[brimi_class_of((size_t)5000 << (i / PER_CLASS))] = INSISTS;
  }
  int last = PARCEL_FEW;
  do
    blocks[last] = brim_malloc(BYTES);
  while (brimi_bin_count(heap, sc) && ++last < BLOCKS);
  in_a_thread(free_parcel);
  unsigned limit = heap->limit[sc];
  heap->extra_bytes += NO_ROOM; /* as if other bins had it all */
  void *block = brim_malloc(BYTES);
  heap->extra_bytes -= NO_ROOM;
  ok(heap->limit[sc] <= limit / 4, "wide blocks by mail take room from a bin that is filled (%u blocks, then %u)",
     limit, heap->limit[sc]);
  size_t count = brimi_bin_count(heap, sc);
  ok(count && count < heap->limit[sc], "which gets no more than it may then hold (%zu)", count);
  brim_free(block);
  for (int i = PARCEL_FEW + OTHERS; i <= last; i++)
    brim_free(blocks[i]);
  well("after a bin lost its room while it was filled");
}

static int then_the_owner(void *unused)
{
  (void)unused;
  blocks[0] = brim_malloc(BYTES);
  in_a_thread(free_first);
  brim_free(blocks[0]);
  return 0;
}

static void *free_first_twice(void *unused)
{
  brim_free(blocks[0]);
  brim_free(blocks[0]);
  return unused;
}

static int twice_by_another(void *unused)
{
  (void)unused;
  blocks[0] = brim_malloc(BYTES);
  in_a_thread(free_first_twice);
  return 0;
}

static void is_named(int (*act)(void *), const char *name)
{
  struct ending end = ended_as(act, NULL, 60);
  ok(end.signal == SIGABRT && strstr(end.text, "double free of 0x"), "%s: %.100s", name, end.text);
}

int main(void)
{
  few_at_a_time();
  wide_blocks();
  room_lost_to_mail();
  owner_takes_them_back();
  sleeping_owner();
  is_named(then_the_owner, "freed by another thread, then by the owner");
  is_named(twice_by_another, "freed twice by another thread");
  return done_testing();
}
