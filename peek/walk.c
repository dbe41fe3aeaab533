/* walk.c: see walk.h. Pages that are not resident are not read: that would make them resident, if only as the zero page. */
#include "walk.h"

#include "core/heap.h"
#include "core/meta.h"
#include "core/pagemap.h"
#include "core/runs.h"

#include <stddef.h>
#include <string.h>

struct walk {
  struct target *target;
  struct presence *presence;
  void (*visit)(const struct span_seen *span, void *context);
  void *context;
  struct class_info classes[CLASSES];
};

static bool is_alive(const struct walk *walk) { return walk->target->result == PEEK_READ; }

static void visit_records(struct walk *walk, uint64_t start, uint64_t bytes)
{
  walk->visit(&(struct span_seen){.kind = SPAN_RECORDS, .start = start, .bytes = bytes}, walk->context);
}

/* Copies the resident pages of the range; the others read as zero. */
static void copy_resident(struct walk *walk, uint64_t address, void *bytes, size_t size)
{
  uint64_t page = walk->presence->page_bytes;
  memset(bytes, 0, size);
  for (size_t at = 0, step; at < size; at += step) {
    step = (size_t)(page - (address + at) % page);
    step = step < size - at ? step : size - at;
    if (presence_of(walk->presence, address + at) != PAGE_ABSENT)
      target_copy(walk->target, address + at, (char *)bytes + at, step);
  }
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

/* The chunks, and what is mapped for more of them. */
static void visit_chunks(struct walk *walk)
{
  struct meta_space space;
  uint64_t before;
  target_variable(walk->target, META_SPACE, &space, sizeof space);
  visit_records(walk, (uintptr_t)space.area, (uint64_t)(space.area_end - space.area));
  for (uint64_t chunk = (uintptr_t)space.chunk; chunk && is_alive(walk); chunk = before) {
    visit_records(walk, chunk, META_CHUNK);
    target_copy(walk->target, chunk, &before, sizeof before);
  }
}

static void visit_heaps(struct walk *walk)
{
  static struct heap heap;
  uint32_t entries;
  target_variable(walk->target, BIN_ENTRIES, &entries, sizeof entries);
  for (uint64_t at = target_number(walk->target, FIRST_HEAP); at && is_alive(walk); at = (uintptr_t)heap.next) {
    target_copy(walk->target, at, &heap, sizeof heap);
    visit_records(walk, at, (uintptr_t)heap.entries + entries * sizeof(struct entry) - at);
  }
}

static void visit_variables(struct walk *walk)
{
  for (int i = 0; i < TARGET_VARIABLES; i++)
    visit_records(walk, walk->target->variables[i].address, walk->target->variables[i].bytes);
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static void visit_large(struct walk *walk, const struct slab *slab, uint8_t state)
{
  uint64_t bytes = slab->granules ? (uint64_t)slab->granules << GRANULE_SHIFT : slab->bytes;
  walk->visit(&(struct span_seen){.kind = SPAN_LARGE,
                                  .start = slab->start,
                                  .bytes = bytes,
                                  .of_mapping = !slab->granules,
                                  .live_bytes = state == STATE_LIVE ? slab->usable : 0},
              walk->context);
}

static void visit_slab(struct walk *walk, const struct slab *slab, const uint8_t *states)
{
  walk->visit(&(struct span_seen){.kind = SPAN_SLAB,
                                  .start = slab->start,
                                  .bytes = brimi_slab_run_bytes(slab),
                                  .states = states,
                                  .blocks = slab->blocks,
                                  .block_bytes = walk->classes[slab->sc].bytes},
              walk->context);
}

/* `at` is the address of the entry's granule. A slab has an entry for each of its granules; only the first is visited. */
static void visit_entry(struct walk *walk, const struct span *entry, uint64_t at)
{
  static uint8_t states[UINT16_MAX];
  struct slab slab;
  uint64_t record = (uintptr_t)entry->state - offsetof(struct slab, state);
  if (!entry->inverse || entry->start >> GRANULE_SHIFT != at >> GRANULE_SHIFT)
    return;
  target_copy(walk->target, record, &slab, sizeof slab);
  if (slab.start != entry->start) /* the slab has ended since */
    return;
  target_copy(walk->target, (uintptr_t)entry->state, states, slab.blocks);
  if (!slab.heap)
    visit_large(walk, &slab, states[0]);
  else if (slab.sc < CLASSES)
    visit_slab(walk, &slab, states);
}

static void visit_leaf(struct walk *walk, uint64_t leaf, uint64_t base)
{
  enum { SOME = 128 };
  static struct span some[SOME];
  visit_records(walk, leaf, sizeof(struct leaf));
  for (size_t i = 0; i < LEAF_ENTRIES && is_alive(walk); i += SOME) {
    copy_resident(walk, leaf + i * sizeof some[0], some, sizeof some);
    for (size_t k = 0; k < SOME; k++)
      visit_entry(walk, &some[k], base + ((uint64_t)(i + k) << GRANULE_SHIFT));
  }
}

static void visit_page_map(struct walk *walk)
{
  enum { SOME = 512 };
  static uint64_t some[SOME];
  uint64_t root = walk->target->variables[PAGE_MAP].address + offsetof(struct pagemap, root);
  for (size_t i = 0; i < ROOT_ENTRIES && is_alive(walk); i += SOME) {
    copy_resident(walk, root + i * sizeof some[0], some, sizeof some);
    for (size_t k = 0; k < SOME; k++)
      if (some[k])
        visit_leaf(walk, some[k], (uint64_t)(i + k) << LEAF_SHIFT);
  }
}

/* ---- free runs --------------------------------------------------------------------------------------------------- */

static bool is_free(const struct extent *extent, size_t granule)
{
  return granule < extent->granules && extent->words[granule / 64].free >> granule % 64 & 1;
}

static void visit_extents(struct walk *walk)
{
  static struct extent extent;
  for (uint64_t at = walk->target->variables[FIRST_EXTENT].address; at && is_alive(walk);
       at = (uintptr_t)extent.next) {
    copy_resident(walk, at, &extent, sizeof extent);
    visit_records(walk, at, sizeof extent);
    for (size_t i = 0, first; i < extent.granules; i++) {
      for (first = i; is_free(&extent, i); i++)
        ;
      if (i > first)
        walk->visit(&(struct span_seen){.kind = SPAN_FREE_RUN,
                                        .start = extent.start + ((uint64_t)first << GRANULE_SHIFT),
                                        .bytes = (uint64_t)(i - first) << GRANULE_SHIFT},
                    walk->context);
    }
  }
}

/* ------------------------------------------------------------------------------------------------------------------ */

enum peek_result peek_walk(struct target *target, struct presence *presence,
                           void (*visit)(const struct span_seen *span, void *context), void *context)
{
  static struct walk walk;
  walk = (struct walk){.target = target, .presence = presence, .visit = visit, .context = context};
  target_variable(target, CLASSES_TABLE, walk.classes, sizeof walk.classes);
  visit_page_map(&walk);
  visit_extents(&walk);
  visit_chunks(&walk);
  visit_heaps(&walk);
  visit_variables(&walk);
  return target->result;
}

static uint64_t overlap(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
  uint64_t start = a > b ? a : b, end = a_end < b_end ? a_end : b_end;
  return start < end ? end - start : 0;
}

uint64_t span_live_bytes(const struct span_seen *span, uint64_t from, uint64_t to)
{
  uint64_t bytes = 0;
  if (span->kind == SPAN_LARGE)
    return overlap(span->start, span->start + span->live_bytes, from, to);
  if (span->kind != SPAN_SLAB)
    return 0;
  for (uint64_t i = (from - span->start) / span->block_bytes; i < span->blocks; i++) {
    uint64_t block = span->start + i * span->block_bytes;
    if (block >= to)
      break;
    bytes += span->states[i] == STATE_LIVE ? overlap(block, block + span->block_bytes, from, to) : 0;
  }
  return bytes;
}
