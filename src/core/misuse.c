#include "core/misuse.h"
#include "base/bits.h"
#include "base/print.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "os/os.h"

#include <stdlib.h>

static void print_block(struct text *line, const struct slab *slab)
{
  if (slab->sc == NO_CLASS) {
    brimi_print_string(line, slab->granules ? " (large block of " : " (mapping of ");
    brimi_print_decimal(line, slab->bytes);
    brimi_print_string(line, " bytes");
  } else {
    brimi_print_string(line, " (class ");
    brimi_print_decimal(line, brimi_classes[slab->sc].bytes);
  }
}

static void print_inside(struct text *line, const struct slab *slab, uintptr_t offset)
{
  size_t size = slab->sc == NO_CLASS ? slab->bytes : brimi_slab_block_bytes(slab), index = offset / size;
  if (index >= slab->blocks) {
    brimi_print_string(line, ", behind the last block of its slab");
    print_block(line, slab);
  } else {
    brimi_print_string(line, ", ");
    brimi_print_decimal(line, offset % size);
    brimi_print_string(line, " bytes inside the block at ");
    brimi_print_hex(line, slab->start + index * size);
    print_block(line, slab);
    brimi_print_string(line, load_relaxed(&slab->state[index]) == STATE_LIVE ? ", live block" : ", freed block");
  }
  brimi_print_string(line, ")");
}

static void say(const char *call, const void *address, struct text *line)
{
  const struct slab *slab = brimi_pagemap_find(address);
  uintptr_t offset = slab ? (uintptr_t)address - slab->start : 0;
  size_t index;
  brimi_print_string(line, "brim: ");
  brimi_print_string(line, call);
  bool known =
      slab && (uintptr_t)address >= slab->start && (slab->sc != NO_CLASS || slab->granules || offset < slab->bytes);
  bool is_block = known && brimi_block_index(slab->inverse, offset, &index) && index < slab->blocks;
  bool frees = call[0] == 'f' || call[0] == 'c' || call[0] == 'd';
  brimi_print_string(line, is_block ? frees ? ": double free of " : ": use of freed block " : ": invalid pointer ");
  brimi_print_hex(line, (uintptr_t)address);
  if (is_block) {
    print_block(line, slab);
    brimi_print_string(line, ", freed block)");
  } else if (known) {
    print_inside(line, slab, offset);
  } else {
    brimi_print_string(line, " (not a block of this allocator, or one whose memory went back to the system)");
  }
  brimi_print_string(line, "\n");
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
  brimi_print_string(&line, "brim: free(): double free of ");
  brimi_print_hex(&line, (uintptr_t)address);
  brimi_print_string(&line, " (freed by two threads at once)\n");
  finish(&line);
}
