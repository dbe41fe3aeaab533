/* 2-pages.c: mapping pages: rounding, where they land, touch, munmap
 *
 * docs/learn/2-mapping-pages.md */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <errno.h>

enum { USABLE = PROT_READ | PROT_WRITE };

/* How many bytes from `start` on are mapped: mincore fails on a page that is not. */
static size_t mapped_from(char *start)
{
  unsigned char state;
  size_t bytes = 0;
  while (mincore(start + bytes, page_size(), &state) == 0)
    bytes += page_size();
  return bytes;
}

static void round_up(size_t page)
{
  printf("Rounding: we ask for 5000 bytes; a page is %zu\n", page);
  /* Unmapped memory on both sides, so that the end can be seen. */
  char *room = mmap_or_exit(64 * page, USABLE);
  munmap_or_exit(room, 64 * page);
  char *start = mmap(room + 16 * page, 5000, USABLE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED)
    give_up("mmap");
  size_t bytes = mapped_from(start);
  printf("  mapped: %zu bytes\n", bytes);
  expect(bytes == (5000 + page - 1) / page * page, "the length is rounded up to whole pages");
  start[bytes - 1] = 'x';
  expect(start[bytes - 1] == 'x', "its last byte, past the 5000, can be used");
  expect(start[100] == 0, "fresh memory reads as zeros");
  munmap_or_exit(start, 5000);
  expect(mapped_from(start) == 0, "munmap rounds up in the same way");
}

static void land(void)
{
  printf("Where mappings land\n");
  char *first = mmap_or_exit(1 << 20, USABLE), *second = mmap_or_exit(1 << 20, USABLE);
  int local = 0;
  show_in_map("first", first);
  show_in_map("second", second);
  show_in_map("the stack", &local);
  printf("  distance from the first to the second: %+ld KiB\n", (long)(second - first) / 1024);
  expect(strcmp(region_of(first), "break") != 0, "not in the heap that sbrk moves");
  munmap_or_exit(first, 1 << 20);
  munmap_or_exit(second, 1 << 20);
}

static void count_faults(size_t page)
{
  enum { PAGES = 16 };
  printf("When is memory really taken? %d pages\n", PAGES);
  long before = page_faults();
  char *start = mmap_or_exit(PAGES * page, USABLE);
  long mapped = page_faults();
  touch(start, PAGES * page);
  long touched = page_faults();
  printf("  page faults: %ld by mmap, %ld by the first touch\n", mapped - before, touched - mapped);
  expect(touched - mapped > mapped - before, "the first touch takes memory, not mmap");
  picture("after");

  printf("Giving back, in the middle\n");
  expect(munmap(start + 4 * page, page) == 0, "one page out of the middle goes back on its own");
  expect(mapped_from(start) == 4 * page, "what is left are two mappings with a hole");
  show_in_map("below", start);
  show_in_map("the hole", start + 4 * page);
  show_in_map("above", start + 5 * page);
  munmap_or_exit(start, PAGES * page);
}

static void be_refused(void)
{
  printf("What a refusal looks like\n");
  errno = 0;
  void *none = mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  expect(none == MAP_FAILED && errno == EINVAL, "a length of 0: MAP_FAILED and EINVAL");
  void *huge = mmap(NULL, SIZE_MAX / 4, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  expect(huge == MAP_FAILED && errno == ENOMEM, "more than there are addresses: MAP_FAILED and ENOMEM");
}

int main(void)
{
  lab_begin();
  picture("before");
  round_up(page_size());
  land();
  count_faults(page_size());
  be_refused();
  return lab_end();
}
