/* owners.c: see owners.h. */
#include "owners.h"
#include "on_brim.h"

#include "../peek/walk.h"

#include <stdlib.h>

struct search {
  const struct areas *areas;
  uint64_t (*bytes)[OWNERS]; /* of each area, for each owner */
};

static enum owner owner_of(const struct span_seen *span)
{
  if (span->kind == SPAN_RECORDS)
    return OWNER_RECORDS;
  return span->kind == SPAN_LARGE && span->of_mapping ? OWNER_LARGE : OWNER_HEAP;
}

static void note(const struct span_seen *span, void *context)
{
  struct search *search = context;
  const struct areas *areas = search->areas;
  uint64_t end = span->start + span->bytes;
  for (size_t i = areas_from(areas, span->start); i < areas->count && areas->list[i].start < end; i++) {
    const struct area *area = &areas->list[i];
    uint64_t from = span->start > area->start ? span->start : area->start, to = end < area->end ? end : area->end;
    search->bytes[i][owner_of(span)] += to - from;
  }
}

/* The kernel may show neighbours as one area: blocks, records, and what the program has mapped. The area is called by what has
 * most of it. */
static enum owner owner_of_most(const struct area *area, uint64_t bytes[OWNERS])
{
  enum owner most = OWNER_OTHER;
  uint64_t known = 0;
  for (int i = OWNER_OTHER + 1; i < OWNERS; i++) {
    known += bytes[i];
    most = most == OWNER_OTHER || bytes[i] > bytes[most] ? (enum owner)i : most;
  }
  return known && known >= (area->end - area->start) / 2 ? most : OWNER_OTHER;
}

static unsigned char *choose(const struct search *search)
{
  unsigned char *owners = calloc(search->areas->count + 1, 1);
  for (size_t i = 0; owners && i < search->areas->count; i++)
    owners[i] = (unsigned char)owner_of_most(&search->areas->list[i], search->bytes[i]);
  return owners;
}

unsigned char *owners_read(pid_t pid, const struct areas *areas)
{
  static struct on_brim on;
  static struct presence presence;
  struct search search = {areas, calloc(areas->count + 1, sizeof *search.bytes)};
  unsigned char *owners = NULL;
  if (search.bytes && on_brim_find(&on, pid, areas) && presence_open(&presence, on.target.pid)) {
    if (peek_walk(&on.target, &presence, note, &search) == PEEK_READ)
      owners = choose(&search);
    presence_close(&presence);
  }
  free(search.bytes);
  return owners;
}
