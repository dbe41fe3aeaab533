/* 7-1-free-list.c: a first-fit free list: freed memory is used again
 *
 * docs/learn/7-from-bump-to-malloc.md */
#define _DEFAULT_SOURCE
#include "7-measure.h"

enum { CHUNK = 64 << 10 };

/* In front of every piece, free or not. The list of free pieces is in the order of addresses. */
struct piece {
  size_t bytes; /* this header included; a multiple of 16 */
  struct piece *next;
};
static struct piece *free_list;

static bool touches(const struct piece *low, const struct piece *high)
{
  return (const char *)low + low->bytes == (const char *)high;
}

/* Puts the piece where its address belongs and joins it with the neighbours that it touches. */
static void insert(struct piece *piece)
{
  struct piece *below = NULL, *above = free_list;
  while (above && above < piece) {
    below = above;
    above = above->next;
  }
  piece->next = above;
  if (above && touches(piece, above)) {
    piece->bytes += above->bytes;
    piece->next = above->next;
  }
  if (!below) {
    free_list = piece;
  } else if (touches(below, piece)) {
    below->bytes += piece->bytes;
    below->next = piece->next;
  } else {
    below->next = piece;
  }
}

/* The first piece that is large enough, cut to size: the search is what this allocator costs. */
static struct piece *first_fit(size_t bytes)
{
  for (struct piece **link = &free_list; *link; link = &(*link)->next) {
    struct piece *piece = *link;
    if (piece->bytes < bytes)
      continue;
    if (piece->bytes - bytes < 2 * sizeof *piece) {
      *link = piece->next; /* the rest would be too small to hold anything */
      return piece;
    }
    piece->bytes -= bytes; /* the upper end is cut off; the rest stays where it is in the list */
    piece = (struct piece *)((char *)piece + piece->bytes);
    piece->bytes = bytes;
    return piece;
  }
  return NULL;
}

static void *grab(size_t size)
{
  size_t bytes = (size + 15) / 16 * 16 + sizeof(struct piece);
  struct piece *piece = first_fit(bytes);
  if (!piece) {
    struct piece *chunk = more(CHUNK);
    if (!chunk)
      return NULL;
    chunk->bytes = CHUNK;
    insert(chunk);
    piece = first_fit(bytes);
  }
  return piece + 1;
}

static void give(void *block) { insert((struct piece *)block - 1); }

int main(void) { return measure("1 first-fit free list"); }
