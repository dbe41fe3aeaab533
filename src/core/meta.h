/* meta.h: memory for the allocator's own records, apart from user memory. Any thread; one lock, of the highest rank. Of small
 * records a thread with a heap keeps a few of its own.
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
  META_CHUNK = 64 * 1024, /* pages of records, aligned to that: how a record finds its page's entry */
  OWN_RECORD_UNITS = 9    /* a thread keeps records of its own up to this, a parcel */
};

/* Where the chunks are: each begins with the address of the one before it. Under brimi_meta_lock, but for who reads it in
 * another process (peek). */
struct meta_space {
  union chunk *chunk;    /* the last one */
  char *area, *area_end; /* address space for more */
};

/* A record of at least `bytes`, at most META_RECORD_MAX, aligned to a cache line; contents undefined. NULL if memory is
 * out. */
void *brimi_meta_alloc(size_t bytes);
/* `bytes` as at the allocation, or of as many units. */
void brimi_meta_free(void *record, size_t bytes);
/* What a thread keeps of records of one size, in its heap; after the thread's end the heap keeps it for the next one. */
struct own_records {
  struct record *first;
  unsigned n, at_a_time;
};
/* Gives back all that the heap's thread keeps; that thread only. */
struct heap;
void brimi_meta_flush(struct heap *heap);
/* Zeroed pages that are never given back; any size. */
void *brimi_meta_pages(size_t bytes);
/* Gives the memory of pages without records back to the system. The caller holds brimi_purge_lock. */
void brimi_meta_purge(void);

/* Bytes of address space taken for metadata, page map leaves excluded; relaxed counter. */
size_t brimi_meta_bytes(void);

#endif
