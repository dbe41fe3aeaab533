/* walk.h: visits all that Brim has in another process, span by span, as its page map, its extents and the places of its records
 * tell it. What the process changes during the walk is seen as it was or as it has become. */
#ifndef BRIM_PEEK_WALK_H
#define BRIM_PEEK_WALK_H

#include "presence.h"
#include "target.h"

enum span_kind {
  SPAN_SLAB,     /* blocks of one size, in the heap */
  SPAN_LARGE,    /* one block, in a mapping of its own or in the heap */
  SPAN_FREE_RUN, /* of the heap */
  SPAN_RECORDS   /* the allocator's own; may overlap spans of any kind, and hold what is no record */
};

struct span_seen {
  enum span_kind kind;
  uint64_t start, bytes;
  bool of_mapping;       /* of a large block: it has a mapping of its own */
  uint64_t live_bytes;   /* of a large block, from its start; 0 if it is freed and kept */
  const uint8_t *states; /* of a slab's blocks */
  uint32_t blocks, block_bytes;
};

/* Bytes of live blocks between two addresses in the span. */
uint64_t span_live_bytes(const struct span_seen *span, uint64_t from, uint64_t to);

/* Calls `visit` for each span, which is valid until `visit` returns. */
enum peek_result peek_walk(struct target *target, struct presence *presence,
                           void (*visit)(const struct span_seen *span, void *context), void *context);

#endif
