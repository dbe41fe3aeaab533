#include "core/misuse.h"
#include "base/print.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "os/os.h"

#include <stdlib.h>

static void print_block(struct text *line, const struct slab *slab)
{
  if (slab->sc == NO_CLASS)
    brimi_print(line, " (%s of %zu bytes", slab->granules ? "large block" : "mapping", slab->bytes);
  else
    brimi_print(line, " (class %zu", brimi_slab_block_bytes(slab));
}

static void print_inside(struct text *line, const struct slab *slab, uintptr_t offset)
{
  size_t size = slab->sc == NO_CLASS ? slab->bytes : brimi_slab_block_bytes(slab), index = offset / size;
  if (index >= slab->blocks) {
    brimi_print(line, ", behind the last block of its slab");
    print_block(line, slab);
  } else {
    brimi_print(line, ", %zu bytes inside the block at %p", offset % size, (void *)(slab->start + index * size));
    print_block(line, slab);
    brimi_print(line, ", %s block", load_relaxed(&slab->state[index]) == STATE_LIVE ? "live" : "freed");
  }
  brimi_print(line, ")");
}

static void say(const char *call, const void *address, struct text *line)
{
  const struct slab *slab = brimi_pagemap_find(address);
  uintptr_t offset = slab ? (uintptr_t)address - slab->start : 0;
  size_t index;
  bool known =
      slab && (uintptr_t)address >= slab->start && (slab->sc != NO_CLASS || slab->granules || offset < slab->bytes);
  bool is_block = known && brimi_block_index(slab->inverse, offset, &index) && index < slab->blocks;
  const char *what = !is_block ? "invalid pointer" : call[0] == 'f' ? "double free of" : "use of freed block";
  brimi_print(line, "brim: %s: %s %p", call, what, address);
  if (is_block) {
    print_block(line, slab);
    brimi_print(line, ", freed block)");
  } else if (known) {
    print_inside(line, slab, offset);
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
