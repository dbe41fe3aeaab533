/* many.c: more large blocks than the kernel's table of mappings has entries, and every other one freed: the table does not fill
 * up with holes, and both the program and the allocator still get mappings. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include <malloc.h>

enum { BLOCKS = 160000, BYTES = 130 << 10, MAPS = 65530 / 2 + 2000 };

static size_t mappings(void)
{
  size_t n = 0;
  char buffer[4096];
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(buffer, sizeof buffer, maps))
    n++;
  if (maps)
    fclose(maps);
  return n;
}

int main(void)
{
  static char *blocks[BLOCKS];
  size_t refused = 0, damaged = 0;
  for (size_t i = 0; i < BLOCKS; i++)
    if ((blocks[i] = malloc(BYTES)))
      *(size_t *)(void *)blocks[i] = i;
    else
      refused++;
  for (size_t i = 0; i < BLOCKS; i += 2)
    free(blocks[i]);
  malloc_trim(0);
  size_t most = mappings();
  ok(!refused && most < MAPS, "%d blocks of %d KiB, half of them freed: %zu mappings", BLOCKS, BYTES >> 10, most);
  void *other = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ok(other != MAP_FAILED, "the program gets one of its own");
  for (size_t i = 0; i < BLOCKS; i += 2)
    refused += !(blocks[i] = malloc(BYTES + i % BYTES / 2));
  ok(!refused, "blocks of other sizes instead: %zu are refused", refused);
  for (size_t i = 0; i < BLOCKS; i++) {
    damaged += i % 2 && *(size_t *)(void *)blocks[i] != i;
    free(blocks[i]);
  }
  malloc_trim(0);
  ok(!damaged && rss_bytes() < 128 << 20, "those held keep their bytes, and all goes back: %zu KiB stay",
     rss_bytes() >> 10);
  return done_testing();
}
