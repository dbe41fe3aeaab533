/* 6-foreign-sbrk.c: pitfall: another caller's sbrk between two of ours
 *
 * docs/learn/6-pitfalls.md */
#define _DEFAULT_SOURCE
#include "lab.h"

/* Any library may do this, and malloc does. */
static char *somebody_else(size_t bytes) { return sbrk_or_exit((intptr_t)bytes); }

int main(void)
{
  lab_begin();
  if (!break_moves())
    return EXIT_SUCCESS;
  picture("before");
  size_t page = page_size();

  printf("Wrong: to count on the second piece following the first\n");
  char *first = sbrk_or_exit((intptr_t)page);
  char *theirs = somebody_else(page);
  char *second = sbrk_or_exit((intptr_t)page);
  strcpy(theirs, "their data");
  expect(second != first + page, "our two pieces are not one: there is a page between them");
  memset(first, 'x', 2 * page); /* "our 2 pages" */
  expect(strcmp(theirs, "their data") != 0, "a write to both as one piece destroys the other's data");

  printf("Wrong as well: to lower the break by what we took\n");
  char *mine = sbrk_or_exit((intptr_t)page);
  theirs = somebody_else(page);
  sbrk_or_exit(-(intptr_t)page);
  show_in_map("ours", mine);
  show_in_map("theirs", theirs);
  expect((char *)sbrk(0) == theirs, "the page that went back was theirs, and nobody tells them");

  printf("Right: look where the break is before every move\n");
  char *end = sbrk_or_exit((intptr_t)page) + page;
  somebody_else(page);
  expect(sbrk(0) != end, "it does not stand at our end: the other has moved it");
  char *start = sbrk_or_exit((intptr_t)page);
  expect(start == end + page, "what we get is a new piece; the hole before it is not ours");
  end = start + page;
  expect(sbrk(0) == end && sbrk(-(intptr_t)page) == end, "now it stands at our end: we may lower it");
  picture("after");
  return lab_end();
}
