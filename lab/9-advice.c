/* 9-advice.c: giving pages back by madvise, and keeping their addresses
 *
 * docs/learn/9-behind-the-addresses.md */
#define _DEFAULT_SOURCE
#include "lab.h"

enum { PAGES = 1024 };

static void report(const char *when)
{
  struct memory now = memory_now();
  printf("  %-13s %6zu KiB mapped, %6zu KiB resident\n", when, now.mapped / 1024, now.resident / 1024);
}

int main(void)
{
  lab_begin();
  picture("before");
  size_t page = page_size(), bytes = PAGES * page;
  printf("%d pages: mapped, touched, and given back but for the last\n", PAGES);
  report("at first");
  char *memory = mmap_or_exit(bytes, PROT_READ | PROT_WRITE);
  (void)madvise(memory, bytes,
                MADV_NOHUGEPAGE); /* so that each page has a fault of its own; refused if there are no others */
  report("mapped");
  touch(memory, bytes);
  memory[bytes - 1] = 'k';
  report("touched");
  struct memory full = memory_now();
  if (madvise(memory, bytes - page, MADV_DONTNEED) != 0)
    give_up("madvise");
  report("MADV_DONTNEED");
  struct memory given = memory_now();
  expect(given.mapped == full.mapped, "no address has gone: as much is mapped as before");
  expect(full.resident - given.resident > bytes / 2, "the pages have gone: they are resident no more");
  picture("after");

  printf("Using them again\n");
  long before = page_faults();
  expect(memory[page] == 0, "no signal; what was written is lost, and zeros are read");
  touch(memory, bytes);
  printf("  page faults: %ld\n", page_faults() - before);
  expect(page_faults() - before > PAGES / 2, "each page is taken anew by its first touch");
  expect(memory[bytes - 1] == 'k', "the last page, which was left out, has kept its content");
  munmap_or_exit(memory, bytes);
  return lab_end();
}
