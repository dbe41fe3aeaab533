/* 6-alignment.c: pitfall: mappings are pages, a break stands anywhere
 *
 * docs/learn/6-pitfalls.md */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <errno.h>

static void *round_down(void *address, size_t to) { return (char *)address - (uintptr_t)address % to; }

static void map_addresses(size_t page)
{
  printf("Wrong: to protect a buffer that does not begin at a page\n");
  char *memory = mmap_or_exit(4 * page, PROT_READ | PROT_WRITE);
  char *buffer = memory + page + 100;
  if (mprotect(buffer, 50, PROT_READ) == -1)
    expect(errno == EINVAL, "mprotect at an address inside a page: EINVAL");
  else
    printf("  musl's mprotect rounds the address down by itself: the whole page is read-only now\n");
  errno = 0;
  expect(munmap(buffer, 50) == -1 && errno == EINVAL, "munmap at an address inside a page: EINVAL");

  printf("Wrong: to round, and forget who else is in the page\n");
  char *start = round_down(buffer, page);
  expect(munmap(start, 50) == 0, "50 bytes are unmapped ...");
  show_in_map("neighbour", start + page - 1);
  expect(!strcmp(region_of(start + page - 1), "nowhere"), "... and with them everything else in that page");

  printf("Right: give what is to be protected pages of its own\n");
  buffer = memory + 2 * page;
  expect(mprotect(buffer, page, PROT_READ) == 0, "a whole page at its own address");
  picture("after");
  munmap_or_exit(memory, 4 * page); /* the hole in it is no error */
}

static void break_addresses(void)
{
  printf("Wrong: to use the break as it stands, at any byte\n");
  char *first = sbrk_or_exit(100);
  char *second = sbrk_or_exit(100);
  printf("  the second piece is at %p\n", (void *)second);
  expect((uintptr_t)second % 16 != 0, "not aligned to 16: no place for a long double or an SSE vector");

  printf("Right: also ask for the bytes up to the next multiple of 16\n");
  size_t gap = -(uintptr_t)sbrk(0) % 16;
  char *third = sbrk_or_exit((intptr_t)(gap + 100)) + gap;
  expect((uintptr_t)third % 16 == 0, "aligned to 16");
  sbrk_or_exit(first - (char *)sbrk(0));
}

int main(void)
{
  lab_begin();
  picture("before");
  map_addresses(page_size());
  if (break_moves())
    break_addresses();
  return lab_end();
}
