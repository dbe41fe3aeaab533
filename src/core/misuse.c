#include "core/misuse.h"
#include "base/print.h"
#include "core/large.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "os/os.h"

#include <stdlib.h>

/* The slab that an address lies in, or lay in before it was freed, as long as its memory is not used again. */
struct site {
  uintptr_t start;
  size_t bytes, blocks;    /* of a block; in the slab */
  const struct slab *slab; /* NULL if it is freed */
};

static bool is_large(const struct site *site) { return site->slab && site->slab->sc == NO_CLASS; }

/* Of a freed slab, the page map's entries still tell the start and the class; its end is where entries are another's. */
static bool find_freed(const void *address, struct site *site)
{
  const struct span *span = brimi_pagemap_span(address);
  const struct bin *bin = span ? load_relaxed(&span->bin) : NULL;
  if (!bin || bin == BIN_NONE)
    return false;
  uintptr_t start = load_relaxed(&span->start), end = align_down((uintptr_t)address, GRANULE);
  while (span && load_relaxed(&span->start) == start && load_relaxed(&span->bin) == bin)
    span = brimi_pagemap_span((const void *)(end += GRANULE));
  size_t bytes = brimi_class_bytes(brimi_bin_class(bin));
  *site = (struct site){start, bytes, (end - start) / bytes, NULL};
  return true;
}

/* The slab or mapping that starts nearest at or below the address: a mapping is entered for the granule of its start
 * only. No start is farther away than all mappings together are long. */
static const struct slab *nearest(uintptr_t address)
{
  size_t farthest = load_relaxed(&brimi_large_mapped_bytes) + GRANULE;
  for (uintptr_t at = align_down(address, GRANULE); at && address - at <= farthest;) {
    const struct slab *slab = brimi_pagemap_find((const void *)at);
    if (slab && slab->start <= address)
      return slab;
    at = align_down(at - 1, brimi_pagemap_span((const void *)at) ? GRANULE : (uintptr_t)1 << LEAF_SHIFT);
  }
  return NULL;
}

static bool find(const void *address, struct site *site)
{
  if (!brimi_pagemap_find(address) && find_freed(address, site))
    return true;
  const struct slab *slab = nearest((uintptr_t)address);
  if (!slab)
    return false;
  bool large = slab->sc == NO_CLASS;
  *site = (struct site){slab->start, large ? slab->bytes : brimi_slab_block_bytes(slab), slab->blocks, slab};
  return (uintptr_t)address - slab->start < (slab->granules ? brimi_slab_run_bytes(slab) : slab->bytes);
}

static void print_block(struct text *line, const struct site *site)
{
  if (is_large(site))
    brimi_print(line, " (%s of %zu bytes", site->slab->granules ? "large block" : "mapping", site->bytes);
  else
    brimi_print(line, " (class %zu", site->bytes);
}

static void print_inside(struct text *line, const struct site *site, uintptr_t offset)
{
  size_t index = offset / site->bytes;
  if (index >= site->blocks) {
    brimi_print(line, ", behind the last block of its slab");
    print_block(line, site);
  } else {
    bool is_live = site->slab && load_relaxed(&site->slab->state[index]) == STATE_LIVE;
    brimi_print(line, ", %zu bytes inside the block at %p", offset % site->bytes,
                (void *)(site->start + index * site->bytes));
    print_block(line, site);
    brimi_print(line, ", %s block", is_live ? "live" : "freed");
  }
  brimi_print(line, ")");
}

static void say(const char *call, const void *address, struct text *line)
{
  struct site site;
  bool known = find(address, &site);
  uintptr_t offset = known ? (uintptr_t)address - site.start : 0;
  bool is_block = known && offset % site.bytes == 0 && offset / site.bytes < site.blocks;
  const char *what = !is_block ? "invalid pointer" : call[0] == 'f' ? "double free of" : "use of freed block";
  brimi_print(line, "brim: %s: %s %p", call, what, address);
  if (is_block) {
    print_block(line, &site);
    brimi_print(line, ", freed block)");
  } else if (known) {
    print_inside(line, &site, offset);
  } else {
    brimi_print(line, " (not a block of this allocator, or one whose memory went back to the system)");
  }
  brimi_print(line, "\n");
}

static void finish(struct text *line)
{
  brimi_os_write(line->text, line->length);
  if (brimi_options.on_misuse == MISUSE_ABORT)
    abort();
}

void brimi_misuse(const char *call, const void *address)
{
  char buffer[256];
  struct text line = TEXT(buffer);
  say(call, address, &line);
  finish(&line);
}

void brimi_misuse_corrupt(const void *address)
{
  char buffer[256];
  struct text line = TEXT(buffer);
  brimi_print(&line, "brim: free(): double free of %p (freed by two threads at once)\n", address);
  finish(&line);
}
