/* slab.c: blocks go back to their slab in any order, by whole words of states or not; one that comes back twice is named. */
#include "core/heap.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "core/verify.h"
#include "tap.h"
#include <brim/brim.h>

enum { WORD = 8, BLOCKS = 8 * WORD, BYTES = 48 };
static struct heap *mine;
static struct slab *slab;

/* Takes fresh blocks of one slab, in order of address; the first one's state begins a word. */
static void take(struct entry *entries)
{
  struct entry taken[BLOCKS];
  unsigned count = brimi_heap_take(mine, brimi_class_of(BYTES), taken, BLOCKS, true);
  for (unsigned i = 0; i < count; i++)
    entries[i] = taken[count - 1 - i];
  slab = brimi_pagemap_find(entries[0].block);
  bool in_a_row = count == BLOCKS && (uintptr_t)entries[0].state % WORD == 0;
  for (unsigned i = 1; i < count; i++)
    in_a_row &= entries[i].state == entries[0].state + i;
  ok(in_a_row, "%u blocks in a row", count);
}

static unsigned free_states(const struct entry *entries)
{
  unsigned count = 0;
  for (unsigned i = 0; i < BLOCKS; i++)
    count += load_relaxed(entries[i].state) == STATE_FREE;
  return count;
}

static void give_all(const struct entry *entries, const char *how)
{
  unsigned used = slab->used;
  brimi_heap_give(entries, BLOCKS);
  const char *broken = brimi_verify();
  ok(free_states(entries) == BLOCKS && slab->used == used - BLOCKS && !broken, "all are FREE that went back %s (%s)",
     how, broken ? broken : "every invariant holds");
}

static void swap(struct entry *entries, unsigned a, unsigned b)
{
  struct entry kept = entries[a];
  entries[a] = entries[b];
  entries[b] = kept;
}

int main(void)
{
  struct entry entries[BLOCKS];
  brim_free(brim_malloc(1));
  mine = brimi_heap_mine();
  /* They stay live, so that the slab stays; the state of the next block begins a word. */
  struct entry live[WORD];
  brimi_heap_take(mine, brimi_class_of(BYTES), live, WORD, true);
  for (unsigned i = 0; i < WORD; i++)
    store_relaxed(live[i].state, STATE_LIVE);

  take(entries);
  give_all(entries, "in their order");
  take(entries);
  for (unsigned i = 0; i < BLOCKS / 2; i++)
    swap(entries, i, BLOCKS - 1 - i);
  give_all(entries, "from the last to the first");
  take(entries);
  for (unsigned i = 0; i < BLOCKS; i += WORD)
    swap(entries, i + 1 + i / WORD % (WORD - 2), i + 2 + i / WORD % (WORD - 2));
  give_all(entries, "in their order but for two of each word");
  take(entries);
  swap(entries, 3, BLOCKS - 4);
  give_all(entries, "with two words that have a block of each other");

  take(entries);
  int on_misuse = brimi_options.on_misuse;
  brimi_options.on_misuse = MISUSE_WARN;
  unsigned used = slab->used;
  brimi_heap_give(&entries[WORD + 3], 1);
  brimi_heap_give(entries, BLOCKS);
  brimi_options.on_misuse = on_misuse;
  const char *broken = brimi_verify();
  ok(free_states(entries) == BLOCKS && slab->used == used - BLOCKS && !broken,
     "one of a word that comes back twice is counted once (%s)", broken ? broken : "every invariant holds");
  for (unsigned i = 0; i < WORD; i++)
    brim_free(live[i].block);
  return done_testing();
}
