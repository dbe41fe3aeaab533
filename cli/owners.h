/* owners.h: which areas of a process on Brim are Brim's, by its own records. */
#ifndef BRIM_CLI_OWNERS_H
#define BRIM_CLI_OWNERS_H

#include "areas.h"

#include "../peek/walk.h"

enum owner { OWNER_OTHER, OWNER_RECORDS, OWNER_HEAP, OWNER_LARGE };

/* Notes what Brim has in the areas that the span touches; `owners` has an enum owner for each area. */
void owners_note(unsigned char *owners, const struct areas *areas, const struct span_seen *span);

/* One enum owner for each area, by what Brim has in it; to be freed. NULL where that can't be read. */
unsigned char *owners_read(pid_t pid, const struct areas *areas);

#endif
