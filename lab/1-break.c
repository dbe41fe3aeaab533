/* 1-break.c: the break: read it, move it, see when memory is taken
 *
 * docs/learn/1-the-break.md */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <errno.h>

static void read_it(void)
{
  printf("Reading the break\n");
  char *here = sbrk(0);
  show_in_map("last byte", here - 1);
  show_in_map("the break", here);
  expect(sbrk(0) == here, "sbrk(0) only reads: twice the same address");
}

static void move_it(size_t page)
{
  printf("Moving it up by one page, and by one more\n");
  char *first = sbrk_or_exit((intptr_t)page);
  char *second = sbrk_or_exit((intptr_t)page);
  expect(second == first + page, "sbrk returns the OLD break: the start of what we got");
  expect((char *)sbrk(0) == second + page, "the break is now the end of it");
  show_in_map("first page", first);

  printf("Moving it down by both\n");
  expect(sbrk_or_exit(-2 * (intptr_t)page) == second + page, "down works too, and returns the old break as well");
  expect(sbrk(0) == first, "we are back where we began");
  show_in_map("first page", first);
}

static void count_faults(size_t page)
{
  enum { PAGES = 16 };
  printf("When is memory really taken? %d pages more, then one touch each\n", PAGES);
  long before = page_faults();
  char *start = sbrk_or_exit((intptr_t)(PAGES * page));
  long moved = page_faults();
  touch(start, PAGES * page);
  long touched = page_faults();
  touch(start, PAGES * page);
  long again = page_faults();
  printf("  page faults: %ld by sbrk, %ld by the first touch, %ld by the second\n", moved - before, touched - moved,
         again - touched);
  expect(touched - moved > moved - before, "the first touch takes memory, not sbrk");
  expect(again - touched < touched - moved, "a page that is there costs no fault");
  picture("after");
  sbrk_or_exit(-(intptr_t)(PAGES * page));
}

static void be_refused(void)
{
  printf("What a refusal looks like: a limit on the data of this process\n");
  struct rlimit usual;
  if (getrlimit(RLIMIT_DATA, &usual) != 0 || setrlimit(RLIMIT_DATA, &(struct rlimit){0, usual.rlim_max}) != 0)
    give_up("setrlimit");
  void *old = sbrk(0);
  errno = 0;
  void *refused = sbrk(1 << 20);
  int error = errno;
  setrlimit(RLIMIT_DATA, &usual);
  if (refused != (void *)-1) {
    printf("  this system does not keep to the limit (an emulator may not)\n");
    return;
  }
  expect(error == ENOMEM, "sbrk returns (void *)-1 and errno is ENOMEM; not NULL");
  expect(sbrk(0) == old, "a break that was refused has not moved");
}

int main(void)
{
  lab_begin();
  if (!break_moves())
    return EXIT_SUCCESS;
  picture("before");
  read_it();
  move_it(page_size());
  count_faults(page_size());
  be_refused();
  return lab_end();
}
