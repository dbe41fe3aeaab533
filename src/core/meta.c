#include "core/meta.h"
#include "base/bits.h"
#include "os/os.h"

enum { UNIT = 64, LISTS = META_RECORD_MAX / UNIT + 1 };

struct lock brimi_meta_lock;

struct record {
  struct record *next;
};

/* The first chunk, so that a small program maps none; see the design page on start-up. */
static char first_chunk[KIB(64)] __attribute__((aligned(4096)));

/* Under brimi_meta_lock. INVARIANT: at <= end; [at, end) is zeroed and unused. */
static struct {
  char *at, *end;
  struct record *free[LISTS];
} meta = {first_chunk, first_chunk + sizeof first_chunk, {NULL}};
static _Atomic size_t chunk_bytes = sizeof first_chunk;

size_t brimi_meta_bytes(void) { return load_relaxed(&chunk_bytes); }

static bool new_chunk(size_t bytes)
{
  enum { CHUNK = 256 * 1024 };
  size_t wanted = align_up(max_size(bytes, CHUNK), brimi_page_bytes);
  char *chunk = brimi_os_map(wanted);
  if (!chunk && bytes < CHUNK)
    chunk = brimi_os_map(wanted = align_up(bytes, brimi_page_bytes));
  if (!chunk)
    return false;
  brimi_os_name(chunk, wanted, "brim: metadata");
  add_relaxed(&chunk_bytes, wanted);
  meta.at = chunk;
  meta.end = chunk + wanted;
  return true;
}

/* Caller holds the lock. */
static void *carve(size_t bytes, size_t alignment)
{
  char *start = (char *)align_up((uintptr_t)meta.at, alignment);
  if (start > meta.end || (size_t)(meta.end - start) < bytes) {
    if (!new_chunk(bytes))
      return NULL;
    start = meta.at;
  }
  meta.at = start + bytes;
  return start;
}

void *brimi_meta_alloc(size_t bytes)
{
  size_t units = (bytes + UNIT - 1) / UNIT;
  brimi_lock(&brimi_meta_lock);
  struct record *record = meta.free[units];
  if (record)
    meta.free[units] = record->next;
  else
    record = carve(units * UNIT, UNIT);
  brimi_unlock(&brimi_meta_lock);
  return record;
}

void brimi_meta_free(void *record, size_t bytes)
{
  size_t units = (bytes + UNIT - 1) / UNIT;
  struct record *freed = record;
  brimi_lock(&brimi_meta_lock);
  freed->next = meta.free[units];
  meta.free[units] = freed;
  brimi_unlock(&brimi_meta_lock);
}

void *brimi_meta_pages(size_t bytes)
{
  brimi_lock(&brimi_meta_lock);
  void *pages = carve(align_up(bytes, brimi_page_bytes), brimi_page_bytes);
  brimi_unlock(&brimi_meta_lock);
  return pages;
}
