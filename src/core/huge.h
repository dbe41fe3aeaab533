/* huge.h: memory made resident by huge pages: one fault where small pages take 512, and fewer misses of the TLB.
 * Asked for only where nearly all of it is about to be written: by a break heap that grows (runs.c) and for large
 * blocks of a program that fills them (filled.c).
 *
 * The first page is touched here, and timed. That takes longer than small pages would if the system has to move memory
 * about first, or the host of a virtual machine has to find it; it takes hardly any time if the system gives a small
 * page (as under `never`). In both cases huge pages are left alone for a while, longer each time. Any thread. */
#ifndef BRIM_HUGE_H
#define BRIM_HUGE_H

#include "os/os.h"

/* Whether to ask for huge pages for `bytes`. Each call uses up so many of the huge pages that are still to be left alone. */
bool brimi_huge_due(size_t bytes);
/* Backs HUGE_BYTES of fresh pages, aligned to that, by a huge one. False if the system gives none: at most the first
 * page is resident then, and all read as zero. */
bool brimi_huge_back(void *start);
/* The same for the first huge page behind the first `fresh` bytes of a mapping, where nothing was touched yet; those
 * behind it come as they are touched. */
void brimi_huge_map(void *start, size_t bytes, size_t fresh);

#endif
