/* meta.h: memory for the allocator's own records, mapped apart from user memory. Records are recycled by size and never
 * unmapped, so that a stale pointer to one is always readable. Any thread; one lock, of the highest rank. */
#ifndef BRIM_META_H
#define BRIM_META_H

#include "os/lock.h"
#include <stddef.h>

extern struct lock brimi_meta_lock;

/* A record of at least `bytes`, at most META_RECORD_MAX, aligned to a cache line; contents undefined. NULL if memory is
 * out. */
enum { META_RECORD_MAX = 4096 };
void *brimi_meta_alloc(size_t bytes);
/* `bytes` as at the allocation. */
void brimi_meta_free(void *record, size_t bytes);
/* Zeroed pages that are never given back; any size. */
void *brimi_meta_pages(size_t bytes);

/* Bytes of address space taken for metadata, page map leaves excluded; relaxed counter. */
size_t brimi_meta_bytes(void);

#endif
