/* walk.h: all that Brim has in another process, span by span: from its page map, its extents and where its records lie. What the
 * process changes meanwhile is seen as it was or as it is. */
#ifndef BRIM_PEEK_WALK_H
#define BRIM_PEEK_WALK_H

#include "presence.h"
#include "target.h"

enum span_kind {
  SPAN_SLAB,     /* blocks of one size, in the heap */
  SPAN_LARGE,    /* one block, in a mapping of its own or in the heap */
  SPAN_FREE_RUN, /* of the heap */
  SPAN_RECORDS   /* the allocator's own; may overlap others of this kind, and what is no record */
};

struct span_seen {
  enum span_kind kind;
  uint64_t start, bytes;
  bool of_mapping;       /* a large block */
  uint64_t live_bytes;   /* of a large block, from its start: 0 if it is freed and kept */
  const uint8_t *states; /* of a slab's blocks */
  uint32_t blocks, block_bytes;
};

/* Bytes of live blocks between two addresses in the span. */
uint64_t span_live_bytes(const struct span_seen *span, uint64_t from, uint64_t to);

/* Calls `visit` for each span, which lasts until it returns. */
enum peek_result peek_walk(struct target *target, struct presence *presence,
                           void (*visit)(const struct span_seen *span, void *context), void *context);

#endif
