/* 6-leak.c: pitfall: leaking mappings, found by counting them
 *
 * docs/learn/6-pitfalls.md */
#define _DEFAULT_SOURCE
#include "lab.h"

enum { ROUNDS = 100 };

struct mapped {
  long lines; /* of /proc/self/maps */
  size_t bytes;
};

static struct mapped count_mappings(void)
{
  struct mapped all = {0, 0};
  char line[512];
  unsigned long start, end;
  int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  for (; map_line(fd, line, sizeof line); all.lines++)
    if (sscanf(line, "%lx-%lx", &start, &end) == 2)
      all.bytes += end - start;
  close(fd);
  return all;
}

/* Looks harmless: it gives back as many bytes as it has used. */
static void leaky(size_t page)
{
  char *memory = mmap_or_exit(page + 1, PROT_READ | PROT_WRITE);
  memory[page] = 1;
  munmap_or_exit(memory, page); /* page + 1 bytes were rounded up to two pages; one stays */
}

static void clean(size_t page)
{
  char *memory = mmap_or_exit(page + 1, PROT_READ | PROT_WRITE);
  memory[page] = 1;
  munmap_or_exit(memory, page + 1); /* the same length as was asked for: rounded up in the same way */
}

static struct mapped growth(void (*work)(size_t))
{
  struct mapped before = count_mappings();
  for (int i = 0; i < ROUNDS; i++)
    work(page_size());
  struct mapped after = count_mappings();
  printf("  after %d rounds: %+ld mappings, %+ld KiB\n", ROUNDS, after.lines - before.lines,
         ((long)after.bytes - (long)before.bytes) / 1024);
  return (struct mapped){after.lines - before.lines, after.bytes - before.bytes};
}

int main(void)
{
  lab_begin();
  picture("before");
  printf("Wrong: to unmap what was used instead of what was mapped\n");
  struct mapped leaked = growth(leaky);
  picture("after");
  expect(leaked.bytes == ROUNDS * page_size(), "a page is lost in each round");
  if (leaked.lines < ROUNDS)
    printf("  the kernel joins neighbours in its map: count bytes as well as lines\n");

  printf("Right: unmap the length that was mapped\n");
  expect(growth(clean).bytes == 0, "nothing stays");
  return lab_end();
}
