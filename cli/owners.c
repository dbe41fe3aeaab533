/* owners.c: see owners.h. */
#include "owners.h"
#include "cli.h"
#include "on_brim.h"

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
void owners_note(unsigned char *owners, const struct areas *areas, const struct span_seen *span)
{
  enum owner owner = owner_of(span);
  for (size_t i = areas_from(areas, span->start);
       i < areas->count && areas->list[i].start < span->start + span->bytes; i++)
    if (owner > owners[i])
      owners[i] = (unsigned char)owner;
}

static void visit(const struct span_seen *span, void *context)
{
  struct search *search = context;
  owners_note(search->owners, search->areas, span);
}

unsigned char *owners_read(pid_t pid, const struct areas *areas)
{
  static struct on_brim on;
  static struct presence presence;
  struct search search = {areas, calloc(areas->count + 1, 1)};
  if (!search.owners)
    exit(fail(EX_OSERR, "out of memory"));
  bool is_read = false;
  if (on_brim_find(&on, pid, areas) && presence_open(&presence, on.target.pid)) {
    is_read = peek_walk(&on.target, &presence, visit, &search) == PEEK_READ;
    presence_close(&presence);
  }
  if (is_read)
    return search.owners;
  free(search.owners);
  return NULL;
}
