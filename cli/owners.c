/* owners.c: see owners.h. */
#include "owners.h"
#include "cli.h"
#include "on_brim.h"

#include "../peek/walk.h"

#include <stdlib.h>

struct search {
  const struct areas *areas;
  unsigned char *owners;
};

static enum owner owner_of(const struct span_seen *span)
{
  if (span->kind == SPAN_RECORDS)
    return OWNER_RECORDS;
  return span->kind == SPAN_LARGE && span->of_mapping ? OWNER_LARGE : OWNER_HEAP;
}

/* Blocks that are joined for the kernel are one area, and so may be a block and records: it is called by the block then. */
static void mark(const struct span_seen *span, void *context)
{
  struct search *search = context;
  enum owner owner = owner_of(span);
  for (size_t i = areas_from(search->areas, span->start);
       i < search->areas->count && search->areas->list[i].start < span->start + span->bytes; i++)
    if (owner > search->owners[i])
      search->owners[i] = (unsigned char)owner;
}

unsigned char *owners_read(pid_t pid, const struct areas *areas)
{
  static struct on_brim on;
  static struct presence presence;
  struct search search = {areas, calloc(areas->count + 1, 1)};
  if (!search.owners)
    exit(fail(EX_OSERR, "out of memory"));
  if (on_brim_open(&on, pid, "maps") && presence_open(&presence, on.target.pid)) {
    on.result = peek_walk(&on.target, &presence, mark, &search);
    presence_close(&presence);
  } else {
    on.result = ON_BRIM_UNREADABLE;
  }
  on_brim_close(&on);
  if (on.result == PEEK_READ)
    return search.owners;
  free(search.owners);
  return NULL;
}
