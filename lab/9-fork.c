/* 9-fork.c: after fork: copied pages, and shared ones
 *
 * docs/learn/9-behind-the-addresses.md */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <sys/wait.h>

enum { PAGES = 256 };

static void fill(char *memory, char with)
{
  for (size_t i = 0; i < PAGES; i++)
    memory[i * page_size()] = with;
}

/* How many of the pages begin with that byte. */
static int count(const volatile char *memory, char byte)
{
  int found = 0;
  for (size_t i = 0; i < PAGES; i++)
    found += memory[i * page_size()] == byte;
  return found;
}

static void be_the_child(char *own, char *shared)
{
  long begin = page_faults();
  int same = count(own, 'p');
  long looked = page_faults();
  fill(own, 'c');
  long written = page_faults();
  printf("  child: page faults: %ld by reading %d pages, %ld by writing them\n", looked - begin, PAGES,
         written - looked);
  expect(same == PAGES, "the child finds what its parent wrote");
  expect(looked - begin < PAGES / 2, "fork has copied no pages: the child reads those of its parent");
  expect(written - looked > PAGES / 2, "the first write to each makes the copy");
  fill(shared, 'c');
}

int main(void)
{
  lab_begin();
  picture("before");
  size_t bytes = PAGES * page_size();
  char *own = mmap_or_exit(bytes, PROT_READ | PROT_WRITE);
  char *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    give_up("mmap");
  fill(own, 'p');
  fill(shared, 'p');

  printf("A child that reads, then writes %d pages of MAP_PRIVATE and as many of MAP_SHARED\n", PAGES);
  pid_t child = fork();
  if (child < 0)
    give_up("fork");
  if (child == 0) {
    be_the_child(own, shared);
    _exit(lab_end());
  }
  int status;
  if (waitpid(child, &status, 0) != child)
    give_up("waitpid");
  expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "all that the child claims holds");

  printf("Back in the parent\n");
  printf("  of the private pages %d are as they were, of the shared ones %d\n", count(own, 'p'), count(shared, 'p'));
  expect(count(own, 'p') == PAGES, "private: the child has written to its copies");
  expect(count(shared, 'c') == PAGES, "shared: there is one page for both, and its writer is seen");
  picture("after");
  munmap_or_exit(own, bytes);
  munmap_or_exit(shared, bytes);
  return lab_end();
}
