/* bitmap.h: runs of set bits. Bit i is bit i % 64 of word i / 64. Bitmaps of the same things are interleaved, one word of
 * each by turns: what a small extent uses of them shares a page, and the words of the same granules a cache line. Pure. */
#ifndef BRIM_BITMAP_H
#define BRIM_BITMAP_H

#include <stddef.h>
#include <stdint.h>

#define BITMAP_NONE SIZE_MAX
enum { BITMAP_STRIDE = 3 }; /* words from one word of a bitmap to its next */

void brimi_bitmap_set(uint64_t *bits, size_t at, size_t count);
void brimi_bitmap_clear(uint64_t *bits, size_t at, size_t count);
/* Set bits among `count` from `at`. */
size_t brimi_bitmap_count(const uint64_t *bits, size_t at, size_t count);
/* Where the lowest `count` set bits in a row start, or BITMAP_NONE. Moves *first_word up over words without a set
 * bit, so that none is set below it. */
size_t brimi_bitmap_find(const uint64_t *bits, size_t *first_word, size_t words, size_t count);
/* The length of the first run of set bits at or after `from`, cut at `most`; 0 if there is none. *at is its start, or
 * `size`. */
size_t brimi_bitmap_next_run(const uint64_t *bits, size_t size, size_t from, size_t most, size_t *at);
/* How many set bits in a row end just before bit `size`. */
size_t brimi_bitmap_tail(const uint64_t *bits, size_t size);

#endif
