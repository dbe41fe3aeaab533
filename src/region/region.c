/* region.c: bump arenas (brim/region.h). Used chunks are a stack with the current one on top. A rewind pops chunks
 * from it onto a second stack, the kept ones, from which the next allocations take them in the same order as before.
 *
 *   region->current -> chunk -> chunk -> first chunk (it holds the region itself)
 *   region->kept    -> chunk -> chunk
 *
 * INVARIANTS: (R1) start_of(c) <= c->used <= c->bytes for each chunk; (R2) a kept chunk's `used` is its start; (R3) the
 * first chunk is always at the bottom of the used ones. */
#include <brim/region.h>

#include "base/atomic.h"
#include "base/bits.h"
#include "base/compiler.h"
#include "core/chunk.h"
#include "core/init.h"
#include "os/os.h"

#include <errno.h>
#include <stdint.h>

enum { BLOCK_ALIGNMENT = 16 };

/* The head of each chunk. */
struct chunk {
  _Alignas(BLOCK_ALIGNMENT) struct chunk *below; /* the next of its stack */
  size_t bytes;                                  /* of the whole chunk */
  size_t used;                                   /* from the chunk's address on, this head included */
};

struct brim_region {
  _Alignas(BLOCK_ALIGNMENT) struct chunk *current;
  struct chunk *kept;
  size_t next_bytes; /* of the chunk that is taken next */
  size_t max_bytes;
  enum brim_region_source source;
};

/* The first chunk begins with this. */
struct first_chunk {
  struct chunk head;
  struct brim_region region;
};

/* ---- Chunks ----------------------------------------------------------------------------------------------------- */

static struct chunk *first_chunk(struct brim_region *region)
{
  return (struct chunk *)((char *)region - offsetof(struct first_chunk, region));
}

static size_t start_of(const struct brim_region *region, const struct chunk *chunk)
{
  bool is_first = region == &((const struct first_chunk *)chunk)->region;
  return is_first ? sizeof(struct first_chunk) : sizeof(struct chunk);
}

/* Mappings that the system refused to unmap (at the map-count limit it may). Without pages, they wait for the next
 * region that takes a chunk of their size. Shared by all threads; whoever takes one takes the whole list first. */
static _Atomic(struct chunk *) stuck;

static void put_stuck(struct chunk *chunk)
{
  struct chunk *first = load_relaxed(&stuck);
  do
    chunk->below = first;
  while (!cas_acq_rel(&stuck, &first, chunk)); /* pairs with take_stuck */
}

static struct chunk *take_stuck(size_t bytes)
{
  struct chunk *found = NULL, *next;
  if (!load_relaxed(&stuck))
    return NULL;
  for (struct chunk *chunk = exchange_acquire(&stuck, NULL); chunk; chunk = next) {
    next = chunk->below;
    if (!found && chunk->bytes == bytes)
      found = chunk;
    else
      put_stuck(chunk);
  }
  return found;
}

static struct chunk *map_chunk(size_t bytes)
{
  struct chunk *chunk = take_stuck(bytes);
  return chunk ? chunk : brimi_os_map(bytes);
}

static void unmap_chunk(struct chunk *chunk)
{
  size_t bytes = chunk->bytes;
  if (brimi_os_unmap(chunk, bytes))
    return;
  brimi_os_purge(chunk, bytes);
  chunk->bytes = bytes;
  put_stuck(chunk);
}

static struct chunk *source_take(enum brim_region_source source, size_t bytes)
{
  switch (source) {
  case BRIM_REGION_BREAK:
    return brimi_chunk_alloc(bytes);
  case BRIM_REGION_MAPPING:
    return map_chunk(bytes);
  default:
    return NULL;
  }
}

static void source_give(enum brim_region_source source, struct chunk *chunk)
{
  if (source == BRIM_REGION_BREAK)
    brimi_chunk_free(chunk);
  else if (source == BRIM_REGION_MAPPING)
    unmap_chunk(chunk);
}

/* Rounds up to whole pages; a size that no system can give stays one. */
static size_t whole_pages(size_t bytes)
{
  size_t most = align_down(PTRDIFF_MAX, brimi_page_bytes);
  return bytes > most ? most : align_up(bytes, brimi_page_bytes);
}

/* Moves the mark of the chunk past a block; NULL if there is no room. */
static void *take(struct chunk *chunk, size_t alignment, size_t size)
{
  uintptr_t base = (uintptr_t)chunk, end = base + chunk->bytes;
  uintptr_t start = align_up(base + chunk->used, alignment);
  if (unlikely(start > end || size > end - start))
    return NULL;
  chunk->used = start + size - base;
  return (void *)start;
}

static void push(struct chunk **stack, struct chunk *chunk)
{
  chunk->below = *stack;
  *stack = chunk;
}

static struct chunk *pop(struct chunk **stack)
{
  struct chunk *chunk = *stack;
  *stack = chunk->below;
  return chunk;
}

/* Takes the first kept chunk that has room, and the block from it; NULL if there is none. */
static void *take_kept(struct brim_region *region, size_t alignment, size_t size)
{
  for (struct chunk **link = &region->kept; *link; link = &(*link)->below) {
    void *block = take(*link, alignment, size);
    if (block) {
      push(&region->current, pop(link));
      return block;
    }
  }
  return NULL;
}

/* Takes a new chunk that has room, and the block from it. */
static void *take_new(struct brim_region *region, size_t alignment, size_t size)
{
  size_t need = sizeof(struct chunk) + (alignment > BLOCK_ALIGNMENT ? alignment : 0);
  if (__builtin_add_overflow(need, size, &need) || need > PTRDIFF_MAX)
    return NULL;
  need = whole_pages(need);
  size_t bytes = region->next_bytes;
  while (bytes < need && bytes < region->max_bytes)
    bytes = min_size(2 * bytes, region->max_bytes);
  bytes = max_size(bytes, need);
  struct chunk *chunk = source_take(region->source, bytes);
  if (!chunk && bytes > need)
    chunk = source_take(region->source, bytes = need);
  if (!chunk)
    return NULL;
  /* A chunk for one large request says nothing about the next requests. */
  if (bytes <= region->max_bytes)
    region->next_bytes = min_size(2 * bytes, region->max_bytes);
  chunk->bytes = bytes;
  chunk->used = sizeof *chunk;
  push(&region->current, chunk);
  return take(chunk, alignment, size);
}

/* Pops the used chunks above `chunk`. */
static void drop_above(struct brim_region *region, const struct chunk *chunk)
{
  while (region->current != chunk) {
    struct chunk *top = pop(&region->current);
    top->used = sizeof *top;
    push(&region->kept, top);
  }
}

/* ---- Create and destroy ----------------------------------------------------------------------------------------- */

static bool are_sound(const struct brim_region_options *options)
{
  switch (options->source) {
  case BRIM_REGION_BREAK:
  case BRIM_REGION_MAPPING:
    return !options->buffer && !options->buffer_bytes &&
           (!options->max_chunk || options->max_chunk >= options->first_chunk);
  case BRIM_REGION_BUFFER:
    return options->buffer;
  }
  return false;
}

/* The part of the caller's buffer from its first aligned byte on; NULL if the region does not fit into it. */
static struct chunk *buffer_chunk(const struct brim_region_options *options, size_t *bytes)
{
  uintptr_t start = (uintptr_t)options->buffer, aligned = align_up(start, BLOCK_ALIGNMENT);
  if (options->buffer_bytes < aligned - start + sizeof(struct first_chunk))
    return NULL;
  *bytes = options->buffer_bytes - (aligned - start);
  return (struct chunk *)aligned;
}

struct brim_region *brim_region_create(const struct brim_region_options *options)
{
  static const struct brim_region_options defaults = {.source = BRIM_REGION_BREAK};
  if (!options)
    options = &defaults;
  if (!are_sound(options))
    return errno = EINVAL, NULL;
  brimi_init();
  size_t bytes = whole_pages(options->first_chunk ? options->first_chunk : KIB(4));
  size_t max_bytes = max_size(bytes, whole_pages(options->max_chunk ? options->max_chunk : MIB(1)));
  bool is_buffer = options->source == BRIM_REGION_BUFFER;
  struct chunk *chunk = is_buffer ? buffer_chunk(options, &bytes) : source_take(options->source, bytes);
  if (!chunk)
    return errno = is_buffer ? EINVAL : ENOMEM, NULL;
  struct first_chunk *first = (struct first_chunk *)chunk;
  first->head = (struct chunk){.below = NULL, .bytes = bytes, .used = sizeof *first};
  first->region = (struct brim_region){.current = chunk,
                                       .next_bytes = min_size(2 * bytes, max_bytes),
                                       .max_bytes = max_bytes,
                                       .source = options->source};
  return &first->region;
}

void brim_region_destroy(struct brim_region *region)
{
  if (!region)
    return;
  drop_above(region, first_chunk(region));
  brim_region_trim(region);
  source_give(region->source, first_chunk(region));
}

/* ---- Allocate --------------------------------------------------------------------------------------------------- */

void *brim_region_alloc_aligned(struct brim_region *region, size_t alignment, size_t size)
{
  if (unlikely(!is_power_of_two(alignment)))
    return errno = EINVAL, NULL;
  size = max_size(size, 1);
  void *block = take(region->current, alignment, size);
  if (likely(block) || (block = take_kept(region, alignment, size)) || (block = take_new(region, alignment, size)))
    return block;
  return errno = ENOMEM, NULL;
}

void *brim_region_alloc(struct brim_region *region, size_t size)
{
  return brim_region_alloc_aligned(region, BLOCK_ALIGNMENT, size);
}

bool brim_region_expand(struct brim_region *region, void *block, size_t old_size, size_t new_size)
{
  struct chunk *chunk = region->current;
  old_size = max_size(old_size, 1);
  new_size = max_size(new_size, 1);
  size_t offset = (uintptr_t)block - (uintptr_t)chunk;
  bool is_last = offset + old_size == chunk->used;
  if (new_size > old_size && (!is_last || new_size - old_size > chunk->bytes - chunk->used))
    return false;
  if (is_last)
    chunk->used = offset + new_size;
  return true;
}

/* ---- Go back ---------------------------------------------------------------------------------------------------- */

struct brim_region_mark brim_region_mark(const struct brim_region *region)
{
  return (struct brim_region_mark){.chunk = region->current, .used = region->current->used};
}

bool brim_region_rewind(struct brim_region *region, struct brim_region_mark mark)
{
  struct chunk *chunk = region->current;
  while (chunk && chunk != mark.chunk)
    chunk = chunk->below;
  if (!chunk || mark.used > chunk->used || mark.used < start_of(region, chunk))
    return errno = EINVAL, false;
  drop_above(region, chunk);
  chunk->used = mark.used;
  return true;
}

void brim_region_reset(struct brim_region *region)
{
  drop_above(region, first_chunk(region));
  region->current->used = sizeof(struct first_chunk);
}

size_t brim_region_trim(struct brim_region *region)
{
  size_t bytes = 0;
  while (region->kept) {
    struct chunk *chunk = pop(&region->kept);
    bytes += chunk->bytes;
    source_give(region->source, chunk);
  }
  return bytes;
}

/* ---- Ask -------------------------------------------------------------------------------------------------------- */

struct brim_region_usage brim_region_usage(const struct brim_region *region)
{
  struct brim_region_usage usage = {0};
  for (const struct chunk *chunk = region->current; chunk; chunk = chunk->below) {
    size_t start = start_of(region, chunk), rest = chunk->bytes - chunk->used;
    usage.chunks++;
    usage.reserved += chunk->bytes;
    usage.used += chunk->used - start;
    usage.overhead += start;
    *(chunk == region->current ? &usage.free : &usage.overhead) += rest;
  }
  for (const struct chunk *chunk = region->kept; chunk; chunk = chunk->below) {
    usage.chunks++;
    usage.reserved += chunk->bytes;
    usage.free += chunk->bytes - sizeof *chunk;
    usage.overhead += sizeof *chunk;
  }
  return usage;
}

bool brim_region_contains(const struct brim_region *region, const void *address)
{
  for (const struct chunk *chunk = region->current; chunk; chunk = chunk->below) {
    uintptr_t at = (uintptr_t)address, base = (uintptr_t)chunk;
    if (at >= base + start_of(region, chunk) && at < base + chunk->used)
      return true;
  }
  return false;
}
