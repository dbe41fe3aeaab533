/* resident.h: what each resident byte of a process on Brim is for. */
#ifndef BRIM_CLI_RESIDENT_H
#define BRIM_CLI_RESIDENT_H

#include "on_brim.h"

enum place {
#define PLACE(id, key, text) PLACE_##id,
#include "places.def"
#undef PLACE
  PLACES
};

struct resident {
  uint64_t bytes[PLACES];
  uint64_t all; /* their sum, as the kernel counts it */
};

/* Fills in `on` and `resident`; on->result tells whether that went well. */
void resident_read(struct on_brim *on, pid_t pid, struct resident *resident);

#endif
