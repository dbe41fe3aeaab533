/* owners.h: which areas of a process on Brim are Brim's, by Brim's own records. */
#ifndef BRIM_CLI_OWNERS_H
#define BRIM_CLI_OWNERS_H

#include "areas.h"

enum owner { OWNER_OTHER, OWNER_RECORDS, OWNER_HEAP, OWNER_LARGE, OWNERS };

/* One enum owner for each area: what has most of it. The caller frees the list. NULL if Brim's records can't be read. */
unsigned char *owners_read(pid_t pid, const struct areas *areas);

#endif
