/* record.c: see record.h.
 *
 * The sites lie in the file, for the command to read. The blocks lie in private memory that the child of a fork finds empty:
 * so it is not profiled, and takes no lock that another thread of its parent held. */
#define _GNU_SOURCE
#include "record.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

/* Index 0 ends a chain and a list. */
struct block {
  uint64_t address, size;
  uint32_t site, next;
};

struct books {
  struct profile *profile; /* NULL in a child of the process that is profiled */
  uint32_t bucket_mask;
  uint32_t blocks_n,
      free_block; /* entries that were ever used, index 0 among them; a list of those that are free again */
  pthread_mutex_t lock;
  uint32_t *block_heads, *site_heads; /* both of bucket_mask + 1 chains */
  struct block blocks[];
};

_Atomic uint8_t record_filter[1 << RECORD_FILTER_BITS];

/* Written once, with release, by the thread that set `is_looking`; read with acquire. */
static struct books *_Atomic books;
static _Atomic(enum record_state) first_state;
static atomic_flag is_looking = ATOMIC_FLAG_INIT;

/* ---- The file ---------------------------------------------------------------------------------------------------- */

/* The file at `path`, if it is for this process. */
static struct profile *map_file(const char *path)
{
  struct profile head;
  struct profile *profile = NULL;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  if (pread(fd, &head, sizeof head, 0) == sizeof head && head.magic == PROFILE_MAGIC && head.pid == getpid()) {
    profile = mmap(NULL, profile_file_bytes(head.sites_max), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (profile == MAP_FAILED) {
      profile = NULL;
      head.is_short = true;
      (void)!pwrite(fd, &head.is_short, sizeof head.is_short, offsetof(struct profile, is_short));
    }
  }
  close(fd);
  return profile;
}

/* In a child of fork(). MADV_WIPEONFORK empties the books in every child, however made; this is for Linux before 4.14, which
 * lacks that, and for emulators that accept it and do nothing. */
static void leave_in_child(void)
{
  struct books *b = load_acquire(&books);
  if (b)
    b->profile = NULL;
}

static struct books *make_books(struct profile *profile)
{
  uint32_t buckets = 1024;
  while (buckets < profile->blocks_max / 2)
    buckets *= 2;
  size_t bytes = sizeof(struct books) + (profile->blocks_max + (size_t)1) * sizeof(struct block);
  size_t heads = 2 * buckets * sizeof(uint32_t);
  struct books *made =
      mmap(NULL, bytes + heads, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (made == MAP_FAILED)
    return NULL;
  made->profile = profile;
  made->bucket_mask = buckets - 1;
  made->blocks_n = 1;
  made->block_heads = (uint32_t *)&made->blocks[profile->blocks_max + (size_t)1];
  made->site_heads = made->block_heads + buckets;
  madvise(made, bytes + heads, MADV_WIPEONFORK);
  pthread_atfork(NULL, NULL, leave_in_child);
  return made;
}

/* Begins anew: the process may have recorded something before, as another program. */
static void begin(struct profile *profile)
{
  memset(&profile->sites_n, 0, sizeof *profile - offsetof(struct profile, sites_n));
  memset(&profile->sites[PROFILE_OTHER_SITE], 0, sizeof profile->sites[0]);
  profile->sites_n = PROFILE_OTHER_SITE + 1;
  profile->is_on = true;
}

/* Called by one thread only. The environment is there before the constructors of any library run, but for the C library's. */
static enum record_state look(void)
{
  const char *path = getauxval(AT_SECURE) ? NULL : getenv(PROFILE_VARIABLE);
  struct profile *profile = path ? map_file(path) : NULL;
  struct books *made = profile ? make_books(profile) : NULL;
  if (profile)
    profile->is_short = !made;
  if (!made)
    return RECORD_OFF;
  begin(profile);
  store_release(&books, made);
  return RECORD_ON;
}

enum record_state record_state(void)
{
  /* Acquire: pairs with the release below, so that `books` is seen. */
  enum record_state state = load_acquire(&first_state);
  if (state == RECORD_UNKNOWN && environ && !atomic_flag_test_and_set_explicit(&is_looking, memory_order_relaxed)) {
    state = look();
    store_release(&first_state, state);
  }
  return state == RECORD_ON && !load_acquire(&books)->profile ? RECORD_OFF : state;
}

uint64_t record_rate(void) { return load_acquire(&books)->profile->rate; }

/* ---- Sums: under the lock ---------------------------------------------------------------------------------------- */

/* What a sample stands for, chosen with probability 1 - exp(-size / rate). A free takes off the same: only the size counts. */
static struct profile_sum weight(uint64_t size, uint64_t rate)
{
  double blocks = rate > 1 ? -1 / expm1(-(double)size / (double)rate) : 1;
  return (struct profile_sum){.bytes = (uint64_t)((double)size * blocks + 0.5),
                              .blocks = (uint64_t)(PROFILE_BLOCK * blocks + 0.5)};
}

static void add(struct profile_sum *sum, struct profile_sum what)
{
  sum->bytes += what.bytes;
  sum->blocks += what.blocks;
}

static void subtract(struct profile_sum *sum, struct profile_sum what)
{
  sum->bytes -= what.bytes;
  sum->blocks -= what.blocks;
}

/* Called before a site's `live` changes: keeps its value at the last peak, if this is the first change since. */
static void keep_peak(const struct profile *profile, struct profile_site *site)
{
  if (site->peak_number == profile->peak_number)
    return;
  site->at_peak = site->live;
  site->peak_number = profile->peak_number;
}

static void enter_sums(struct profile *profile, struct profile_site *site, struct profile_sum what)
{
  keep_peak(profile, site);
  add(&site->live, what);
  add(&profile->live, what);
  if (profile->live.bytes > profile->peak.bytes) {
    profile->peak = profile->live;
    profile->peak_number++;
  }
}

static void leave_sums(struct profile *profile, struct profile_site *site, struct profile_sum what)
{
  keep_peak(profile, site);
  subtract(&site->live, what);
  subtract(&profile->live, what);
}

/* ---- Tables: under the lock -------------------------------------------------------------------------------------- */

static uint32_t *block_chain(const struct books *b, const void *address)
{
  return &b->block_heads[(record_hash(address) >> 32) & b->bucket_mask];
}

static uint32_t site_of(struct books *b, const uint64_t *stack, uint32_t depth)
{
  struct profile *profile = b->profile;
  uint64_t hash = depth;
  for (uint32_t i = 0; i < depth; i++)
    hash = (hash ^ stack[i]) * 0x9e3779b97f4a7c15u, hash ^= hash >> 32;
  uint32_t *head = &b->site_heads[hash & b->bucket_mask];
  for (uint32_t i = *head; i; i = profile->sites[i].next)
    if (profile->sites[i].depth == depth && !memcmp(profile->sites[i].stack, stack, depth * sizeof *stack))
      return i;
  if (profile->sites_n == profile->sites_max)
    return PROFILE_OTHER_SITE;
  struct profile_site *site = &profile->sites[profile->sites_n];
  memset(site, 0, sizeof *site);
  site->peak_number = profile->peak_number; /* it had nothing then */
  site->depth = depth;
  memcpy(site->stack, stack, depth * sizeof *stack);
  site->next = *head;
  *head = profile->sites_n++;
  return *head;
}

/* A free entry, or 0. */
static uint32_t new_block(struct books *b)
{
  uint32_t index = b->free_block;
  if (index)
    b->free_block = b->blocks[index].next;
  else if (b->blocks_n <= b->profile->blocks_max)
    index = b->blocks_n++;
  return index;
}

static void count_in_filter(const void *address, int change)
{
  _Atomic uint8_t *count = &record_filter[record_hash(address) >> (64 - RECORD_FILTER_BITS)];
  if (load_relaxed(count) < RECORD_CROWD)
    store_relaxed(count, (uint8_t)(load_relaxed(count) + change));
}

static bool enter_block(struct books *b, const struct record *record)
{
  uint32_t index = new_block(b), *head = block_chain(b, record->address);
  if (!index)
    return false;
  b->blocks[index] = (struct block){(uintptr_t)record->address, record->size, record->site, *head};
  *head = index;
  count_in_filter(record->address, 1);
  enter_sums(b->profile, &b->profile->sites[record->site], weight(record->size, b->profile->rate));
  return true;
}

static bool take_block(struct books *b, void *address, struct record *taken)
{
  for (uint32_t *link = block_chain(b, address), i = *link; i; link = &b->blocks[i].next, i = *link) {
    struct block *block = &b->blocks[i];
    if (block->address != (uintptr_t)address)
      continue;
    *taken = (struct record){address, block->size, block->site};
    *link = block->next;
    block->next = b->free_block;
    b->free_block = i;
    count_in_filter(address, -1);
    leave_sums(b->profile, &b->profile->sites[taken->site], weight(taken->size, b->profile->rate));
    return true;
  }
  return false;
}

/* ---- The interface ----------------------------------------------------------------------------------------------- */

/* The books with their lock held, or NULL in a process that is not profiled. */
static struct books *open_books(void)
{
  struct books *b = load_acquire(&books);
  if (!b || !b->profile)
    return NULL;
  pthread_mutex_lock(&b->lock);
  return b;
}

static void close_books(struct books *b) { pthread_mutex_unlock(&b->lock); }

void record_add(void *address, uint64_t size, const uint64_t *stack, uint32_t depth)
{
  struct books *b = open_books();
  if (!b)
    return;
  struct record record = {address, size, 0}, before;
  take_block(b, address, &before);
  struct profile *profile = b->profile;
  struct profile_sum what = weight(size, profile->rate);
  record.site = site_of(b, stack, depth);
  profile->samples++;
  profile->other_samples += record.site == PROFILE_OTHER_SITE;
  add(&profile->sites[record.site].total, what);
  if (!enter_block(b, &record))
    add(&profile->lost, what);
  close_books(b);
}

bool record_take(void *address, struct record *taken)
{
  struct books *b = open_books();
  if (!b)
    return false;
  bool found = take_block(b, address, taken);
  close_books(b);
  return found;
}

void record_put_back(const struct record *taken)
{
  struct books *b = open_books();
  if (!b)
    return;
  if (!enter_block(b, taken))
    add(&b->profile->lost, weight(taken->size, b->profile->rate));
  close_books(b);
}
