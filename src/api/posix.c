/* posix.c: alignment in its many forms, and what a block can tell. */
#include "api/names.h"
#include "core/fastpath.h"
#include "core/init.h"
#include "core/misuse.h"
#include "core/options.h"
#include "core/slabs.h"
#include "os/os.h"

#include <brim/brim.h>
#include <errno.h>

static void *checked(void *block)
{
  if (unlikely(!block))
    errno = ENOMEM;
  return block;
}

int brim_posix_memalign(void **block, size_t alignment, size_t size)
{
  if (!is_power_of_two(alignment) || alignment % sizeof(void *))
    return EINVAL;
  void *aligned = brimi_aligned(alignment, size);
  if (!aligned)
    return ENOMEM;
  *block = aligned;
  return 0;
}

void *brim_memalign(size_t alignment, size_t size)
{
  if (alignment > SIZE_MAX / 2 + 1) {
    errno = EINVAL;
    return NULL;
  }
  size_t power = MIN_ALIGN;
  while (power < alignment)
    power <<= 1;
  return checked(brimi_aligned(power, size));
}

void *brim_valloc(size_t size)
{
  brimi_init();
  return checked(brimi_aligned(brimi_page_bytes, size));
}

void *brim_pvalloc(size_t size)
{
  brimi_init();
  size_t pages;
  if (__builtin_add_overflow(size, brimi_page_bytes - 1, &pages))
    return checked(NULL);
  return checked(brimi_aligned(brimi_page_bytes, max_size(align_down(pages, brimi_page_bytes), brimi_page_bytes)));
}

/* Out of line, so that the hot path calls nothing and needs no stack frame. */
static COLD size_t usable_unknown(void *block)
{
  if (block)
    brimi_misuse("malloc_usable_size()", block);
  return 0;
}

/* As fast as free(): programs that account for their memory call it for each block. */
HOT size_t brim_malloc_usable_size(void *block)
{
  struct bin *bin;
  _Atomic uint8_t *state;
  return likely(brimi_find_live(block, &bin, &state)) ? brimi_bytes_of(bin, state) : usable_unknown(block);
}

size_t brim_memalignment(const void *address)
{
  uintptr_t at = (uintptr_t)address;
  return at & -at;
}

ALSO(posix_memalign, brim_posix_memalign)
ALSO(memalign, brim_memalign)
ALSO(valloc, brim_valloc)
ALSO(pvalloc, brim_pvalloc)
ALSO(malloc_usable_size, brim_malloc_usable_size)
ALSO(memalignment, brim_memalignment)
ALSO(__libc_memalign, brim_memalign)
ALSO(__libc_valloc, brim_valloc)
ALSO(__libc_pvalloc, brim_pvalloc)

/* ---- Brim's own -------------------------------------------------------------------------------------------------- */

int brim_version(void) { return BRIM_VERSION; }

size_t brim_good_size(size_t size)
{
  brimi_init();
  return brimi_block_bytes(size);
}

bool brim_expand(void *block, size_t size) { return brimi_expand(block, size); }

bool brim_owns(const void *address)
{
  struct bin *bin;
  _Atomic uint8_t *state;
  return brimi_find_live(address, &bin, &state);
}

struct brim_placement brim_place(size_t size)
{
  brimi_init();
  size_t threshold = min_size((size_t)brimi_options.mmap_threshold, LARGE_BREAK_MAX + 1);
  size_t bytes = brimi_block_bytes(size);
  if (!bytes)
    return (struct brim_placement){.source = BRIM_SOURCE_NONE};
  if (size >= threshold)
    return (struct brim_placement){BRIM_SOURCE_MAPPING, NO_CLASS, bytes, bytes, 1, bytes + 1};
  if (size >= CLASS_MAX_BYTES) {
    size_t span = align_up(bytes, GRANULE);
    return (struct brim_placement){BRIM_SOURCE_BREAK, NO_CLASS, bytes, span, 1, min_size(bytes + 1, threshold)};
  }
  unsigned sc = brimi_class_of(size);
  struct slab_shape shape = brimi_slabs_shape(brimi_heap_mine()->host, sc);
  return (struct brim_placement){.source = BRIM_SOURCE_BREAK,
                                 .size_class = sc,
                                 .block_bytes = bytes,
                                 .slab_bytes = (size_t)shape.granules << GRANULE_SHIFT,
                                 .slab_blocks = shape.blocks,
                                 .next_size = size ? min_size(bytes + 1, threshold) : 1};
}
