#include "core/meta.h"
#include "base/bits.h"
#include "core/heap.h"
#include "os/os.h"

enum {
  LISTS = META_RECORD_MAX / META_UNIT + 1,
  PAGE = 4096,
  PAGES = META_CHUNK / PAGE,
  AREA = 1 << 20 /* mapped at a time, for many chunks */
};

struct lock brimi_meta_lock CACHE_ALIGNED;

struct record {
  struct record *next;
};

/* M1  A page with room for another record, and at least one in use, is on the list of its record size. One without
 *     a record in use is spare, and `resident` says whether it has memory. */
struct page {
  struct record *free;
  struct page *next, *previous;
  uint16_t units, used, carved; /* units of a record; records in use; records handed out at least once */
  bool resident;
};

/* The entries of a chunk's pages lie in its first page, which holds no records; its own entry is the link to another chunk. */
union chunk {
  struct page pages[PAGES];
  union chunk *before; /* NULL in the first; at the start of a chunk, where peek reads it */
};
_Static_assert(sizeof(union chunk) <= PAGE, "the entries fit the first page");

/* The first records, of all sizes, side by side, so that a small program maps no chunk and touches few pages. Each
 * serves its size for good. Handed out from the end: small variables lie behind it. */
static char first_records[META_CHUNK] __attribute__((aligned(META_UNIT)));

/* Under brimi_meta_lock. */
static struct {
  struct page *with_room[LISTS], *spare;
  unsigned unused;                  /* the last pages of the last chunk */
  struct record *first_free[LISTS]; /* of first_records */
  size_t first_used;                /* bytes of them handed out at least once */
} meta;
static struct meta_space space;   /* under it, too */
static _Atomic size_t area_bytes; /* mapped */

size_t brimi_meta_bytes(void) { return sizeof first_records + load_relaxed(&area_bytes); }

static union chunk *chunk_of(void *inside) { return (union chunk *)align_down((uintptr_t)inside, META_CHUNK); }

static char *memory_of(struct page *page)
{
  union chunk *chunk = chunk_of(page);
  return (char *)chunk + (page - chunk->pages) * PAGE;
}

static void link_page(struct page **list, struct page *page)
{
  page->previous = NULL;
  page->next = *list;
  if (*list)
    (*list)->previous = page;
  *list = page;
}

static void unlink_page(struct page **list, struct page *page)
{
  *(page->previous ? &page->previous->next : list) = page->next;
  if (page->next)
    page->next->previous = page->previous;
}

void *brimi_meta_pages(size_t bytes)
{
  size_t whole = align_up(bytes, brimi_page_bytes);
  void *pages = brimi_os_map(whole);
  if (!pages)
    return NULL;
  brimi_os_name(pages, whole, "brim: metadata");
  add_relaxed(&area_bytes, whole);
  return pages;
}

/* ---- all with the lock held -------------------------------------------------------------------------------------- */

static bool new_area(size_t bytes)
{
  char *area = brimi_os_map_aligned(bytes, META_CHUNK);
  if (!area)
    return false;
  brimi_os_name(area, bytes, "brim: metadata");
  add_relaxed(&area_bytes, bytes);
  space.area = area;
  space.area_end = area + bytes;
  return true;
}

static struct page *unused_page(void)
{
  union chunk *chunk = space.chunk;
  if (!meta.unused) {
    if (space.area == space.area_end && !new_area(AREA) && !new_area(META_CHUNK))
      return NULL;
    chunk = (union chunk *)space.area;
    chunk->before = space.chunk;
    space.chunk = chunk;
    space.area += META_CHUNK;
    meta.unused = PAGES - 1;
  }
  return &chunk->pages[PAGES - meta.unused--];
}

static struct page *page_for(unsigned units)
{
  struct page *page = meta.spare;
  if (page)
    unlink_page(&meta.spare, page);
  else if (!(page = unused_page()))
    return NULL;
  page->free = NULL;
  page->units = (uint16_t)units;
  page->used = page->carved = 0;
  page->resident = true;
  link_page(&meta.with_room[units], page);
  return page;
}

static inline bool has_room(const struct page *page)
{
  return page->free || (page->carved + 1u) * page->units * META_UNIT <= PAGE;
}

static void *take_record(struct page *page)
{
  struct record *record = page->free;
  if (record)
    page->free = record->next;
  else
    record = (struct record *)(memory_of(page) + (size_t)page->carved++ * page->units * META_UNIT);
  page->used++;
  if (!has_room(page))
    unlink_page(&meta.with_room[page->units], page);
  return record;
}

static void put_record(struct page *page, struct record *record)
{
  bool was_listed = has_room(page);
  record->next = page->free;
  page->free = record;
  page->used--;
  if (page->used && !was_listed)
    link_page(&meta.with_room[page->units], page);
  if (page->used)
    return;
  if (was_listed)
    unlink_page(&meta.with_room[page->units], page);
  link_page(&meta.spare, page);
}

static void *take_first(unsigned units)
{
  struct record *record = meta.first_free[units];
  if (record)
    meta.first_free[units] = record->next;
  else if (meta.first_used + units * META_UNIT <= sizeof first_records) {
    meta.first_used += units * META_UNIT;
    record = (struct record *)(first_records + sizeof first_records - meta.first_used);
  }
  return record;
}

static bool put_first(struct record *record, unsigned units)
{
  if ((uintptr_t)record - (uintptr_t)first_records >= sizeof first_records)
    return false;
  record->next = meta.first_free[units];
  meta.first_free[units] = record;
  return true;
}

/* ------------------------------------------------------------------------------------------------------------------ */

static unsigned units_of(size_t bytes) { return (unsigned)((bytes + META_UNIT - 1) / META_UNIT); }

static struct record *take(unsigned units)
{
  struct record *record = take_first(units);
  struct page *page = meta.with_room[units];
  if (!record && (page || (page = page_for(units))))
    record = take_record(page);
  return record;
}

static void put(struct record *record, unsigned units)
{
  union chunk *chunk = chunk_of(record);
  if (!put_first(record, units))
    put_record(&chunk->pages[((char *)record - (char *)chunk) / PAGE], record);
}

/* ---- a thread's own -----------------------------------------------------------------------------------------------
 * Free records of its own, taken without the lock, so that threads whose slabs and parcels come and go do not wait
 * for each other. How many are taken and given back at a time grows with each turn of the lock. */

enum { AT_A_TIME_MAX = 16 };

static struct own_records *own_records(unsigned units)
{
  struct heap *heap = brimi_heap_mine();
  return heap != &brimi_front.empty && units <= OWN_RECORD_UNITS ? &heap->records[units] : NULL;
}

static void push(struct own_records *own, struct record *record)
{
  record->next = own->first;
  own->first = record;
  own->n++;
}

static struct record *pop(struct own_records *own)
{
  struct record *record = own->first;
  own->first = record->next;
  own->n--;
  return record;
}

static unsigned more_at_a_time(struct own_records *own)
{
  own->at_a_time += own->at_a_time < AT_A_TIME_MAX;
  return own->at_a_time;
}

/* Gives back all but `rest`. */
static void put_several(struct own_records *own, unsigned units, unsigned rest)
{
  brimi_lock(&brimi_meta_lock);
  while (own->n > rest)
    put(pop(own), units);
  brimi_unlock(&brimi_meta_lock);
}

void *brimi_meta_alloc(size_t bytes)
{
  unsigned units = units_of(bytes);
  struct own_records *own = own_records(units);
  if (own && own->n)
    return pop(own);
  brimi_lock(&brimi_meta_lock);
  struct record *record = take(units), *more;
  for (unsigned wanted = own ? more_at_a_time(own) : 0; wanted && (more = take(units)); wanted--)
    push(own, more);
  brimi_unlock(&brimi_meta_lock);
  return record;
}

void brimi_meta_free(void *record, size_t bytes)
{
  unsigned units = units_of(bytes);
  struct own_records *own = own_records(units), none = {0}, *to = own ? own : &none;
  push(to, record);
  if (to->n > 2 * to->at_a_time)
    put_several(to, units, own ? more_at_a_time(own) : 0);
}

void brimi_meta_flush(struct heap *heap)
{
  for (unsigned units = 1; units <= OWN_RECORD_UNITS; units++)
    if (heap->records[units].n)
      put_several(&heap->records[units], units, 0);
}

void brimi_meta_purge(void)
{
  if (brimi_page_bytes != PAGE)
    return;
  brimi_lock(&brimi_meta_lock);
  for (struct page *page = meta.spare; page; page = page->next)
    if (page->resident && brimi_os_purge(memory_of(page), PAGE))
      page->resident = false;
  brimi_unlock(&brimi_meta_lock);
}
