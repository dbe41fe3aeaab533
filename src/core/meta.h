/* meta.h: memory for the allocator's own records, apart from user memory. Any thread; one lock, of the highest rank.
 * A thread with a heap keeps a few free small records for itself.
 *
 * Records of one size share a page; a page without a record in use may lose its memory, but is never unmapped, so that a
 * stale pointer to a record is always readable. */
#ifndef BRIM_META_H
#define BRIM_META_H

#include "os/lock.h"
#include <stddef.h>

INTERNAL struct lock brimi_meta_lock;

enum {
  META_RECORD_MAX = 2048,
  META_UNIT = 64,         /* records are multiples of it */
  META_CHUNK = 64 * 1024, /* pages of records, aligned to it: a record's address leads to its page's entry */
  OWN_RECORD_UNITS = 9    /* a thread keeps free records up to this size, a parcel's */
};

/* Where the chunks are: each begins with the address of the one before it. Under brimi_meta_lock; peek/ reads it from
 * another process. */
struct meta_space {
  union chunk *chunk;    /* the last one */
  char *area, *area_end; /* address space for more */
};

/* A record of at least `bytes`, at most META_RECORD_MAX, aligned to a cache line; contents undefined. NULL if memory is
 * out. */
void *brimi_meta_alloc(size_t bytes);
/* `bytes` is what was asked for, or any size of as many units. */
void brimi_meta_free(void *record, size_t bytes);
/* The free records of one size that a thread keeps in its heap. They stay there when it ends, for the heap's next thread. */
struct own_records {
  struct record *first;
  unsigned n, at_a_time;
};
/* Gives back all records that the heap's thread keeps; that thread only. */
struct heap;
void brimi_meta_flush(struct heap *heap);
/* Zeroed pages that are never given back; any size. */
void *brimi_meta_pages(size_t bytes);
/* Gives the memory of pages without records back to the system. The caller holds brimi_purge_lock. */
void brimi_meta_purge(void);

/* Bytes of address space taken for metadata, page map leaves excluded; relaxed counter. */
size_t brimi_meta_bytes(void);

#endif
