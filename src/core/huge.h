/* huge.h: memory that is made resident by huge pages: one fault where small pages take 512, and fewer misses of the
 * processor's address cache. Asked for only where nearly all of it is about to be written: by a break heap that grows (runs.c)
 * and for large blocks of a program that fills them (filled.c).
 *
 * The first page is touched here, and timed. A system that has to move memory about before it has a huge page, or to get
 * it from a host, takes longer than for small ones; one that gives none (as under `never`) is done at once. Then they are left
 * alone for a while, longer each time. Any thread. */
#ifndef BRIM_HUGE_H
#define BRIM_HUGE_H

#include "os/os.h"

/* Whether the next so many bytes shall have huge pages. Each question counts, by the huge pages that it is about. */
bool brimi_huge_due(size_t bytes);
/* Backs fresh pages, HUGE_BYTES and aligned to that, by a huge one. False if the system gives none: at most the first page is
 * resident then, and they read as zero. */
bool brimi_huge_back(void *start);
/* The same for the first of the huge pages in a mapping that lie behind `fresh` bytes of it, where nothing was touched yet; the
 * others come as they are touched. */
void brimi_huge_map(void *start, size_t bytes, size_t fresh);

#endif
