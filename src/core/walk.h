/* walk.h: visits every slab of the break heap, in the order of addresses within each extent. Slabs may come and go
 * meanwhile: the visitor takes the slab's heap's lock and calls brimi_walk_is_slab before it trusts what it sees. */
#ifndef BRIM_WALK_H
#define BRIM_WALK_H

#include "core/slab.h"

void brimi_walk_slabs(void (*visit)(struct slab *slab, void *context), void *context);

#endif
