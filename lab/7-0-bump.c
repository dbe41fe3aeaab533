/* 7-0-bump.c: the start: a mark that goes up, a free that does nothing
 *
 * docs/learn/7-from-bump-to-malloc.md */
#define _DEFAULT_SOURCE
#include "7-measure.h"

enum { CHUNK = 64 << 10 };
static char *mark, *end;

static void *grab(size_t size)
{
  size = (size + 15) / 16 * 16;
  if ((size_t)(end - mark) < size) {
    mark = more(CHUNK);
    if (!mark)
      return end = NULL;
    end = mark + CHUNK;
  }
  char *block = mark;
  mark += size;
  return block;
}

static void give(void *block) { (void)block; }

int main(void) { return measure("0 bump, never freed"); }
