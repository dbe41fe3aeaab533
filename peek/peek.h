/* peek.h: the statistics of another process: the counts that brim_stats() is made of, read from its memory. They are a moment apart
 * from each other; the process is not stopped. */
#ifndef BRIM_PEEK_H
#define BRIM_PEEK_H

#include "../src/core/stats.h"
#include "target.h"

/* Rows that are the kernel's are left alone, the others added to: they are zero before. */
enum peek_result peek_read(struct target *target, struct stats *rows);

#endif
