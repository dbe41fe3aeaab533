/* stats.h: where every byte is. The numbers are derived from counts that the allocator keeps anyway; rows in stats.def. */
#ifndef BRIM_STATS_H
#define BRIM_STATS_H

#include <stdint.h>

struct text;

struct stats {
#define STAT(name, unit, help) uint64_t name;
#include "stats.def"
#undef STAT
};
void brimi_stats_read(struct stats *stats);

/* Fills in the rows that follow from others, for this process and for another (peek/). `used` bytes are of blocks that are not
 * FREE, `large` of large blocks in the break heap. The counts may be of different moments: no difference goes below zero. */
static inline void brimi_stats_derive(struct stats *stats, uint64_t used, uint64_t large)
{
  uint64_t heap = stats->break_heap + stats->mapped_heap;
  stats->heap_live = (used > stats->heap_cached ? used - stats->heap_cached : 0) + large;
  uint64_t elsewhere = stats->heap_live + stats->heap_cached + stats->heap_free;
  stats->heap_in_slabs = heap > elsewhere ? heap - elsewhere : 0;
  stats->mappings_live = stats->mappings > stats->mappings_cached ? stats->mappings - stats->mappings_cached : 0;
}

/* The rows as text, JSON or XML. */
void brimi_stats_print_text(struct text *out);
void brimi_stats_print_json(struct text *out);
void brimi_stats_print_xml(struct text *out);
/* Twice what the rows take, and no more: a thread may have 16 KiB of stack. */
enum { STATS_TEXT_MAX = 4096 };

/* Prints them at the end of the program, on stderr, in the form that BRIM_STATS asks for. */
void brimi_stats_report(void);

#endif
