/* peek.h: the statistics of another process: the counts that brim_stats() is made of, read from its memory. The process is
 * not stopped, so that they are a moment apart from each other. */
#ifndef BRIM_PEEK_H
#define BRIM_PEEK_H

#include "../src/core/stats.h"
#include "target.h"

/* Fills in the rows, which the caller has zeroed, but for those that only the kernel knows. */
enum peek_result peek_read(struct target *target, struct stats *rows);

#endif
