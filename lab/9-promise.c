/* 9-promise.c: more memory is promised than there is (overcommit)
 *
 * docs/learn/9-behind-the-addresses.md */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <errno.h>
#include <sys/sysinfo.h>

/* The kernel's rule: '0' looks at each request by itself, '1' promises all, '2' adds up what is promised. */
static char rule(void)
{
  char digit = '?';
  int fd = open("/proc/sys/vm/overcommit_memory", O_RDONLY | O_CLOEXEC);
  if (read(fd, &digit, 1) != 1)
    digit = '?';
  close(fd);
  return digit;
}

/* NULL if it is refused. */
static char *ask(size_t bytes, int flags)
{
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  printf("  %7zu MiB%s: %s\n", bytes >> 20, flags ? " without a promise" : "",
         memory == MAP_FAILED ? strerror(errno) : "mapped");
  return memory == MAP_FAILED ? NULL : memory;
}

int main(void)
{
  lab_begin();
  picture("before");
  struct sysinfo system;
  struct rlimit limit;
  if (sysinfo(&system) != 0 || getrlimit(RLIMIT_AS, &limit) != 0)
    give_up("sysinfo");
  size_t page = page_size(), all = (system.totalram + system.totalswap) * system.mem_unit / page * page;
  printf("This machine has %zu MiB of memory and swap\n", all >> 20);
  if (rule() != '0' || limit.rlim_cur != RLIM_INFINITY) {
    picture("after");
    if (rule() != '0')
      printf("Its rule is another one: vm.overcommit_memory is %c. This program shows that of 0\n", rule());
    else
      printf("But this process has a limit on its addresses (ulimit -v), which comes first\n");
    return EXIT_SUCCESS;
  }
  printf("Three mappings of half of it\n");
  size_t half = all / 2 / page * page, before = memory_now().resident;
  char *parts[3];
  for (int i = 0; i < 3; i++)
    parts[i] = ask(half, 0);
  expect(parts[0] && parts[1] && parts[2], "together they are more than there is, and all are promised");
  expect(memory_now().resident - before < half / 2, "for none of it is taken until it is touched");
  picture("after");
  for (int i = 0; i < 3; i++)
    if (parts[i])
      munmap_or_exit(parts[i], half);

  printf("One mapping of more than all\n");
  errno = 0;
  expect(!ask(all + page, 0) && errno == ENOMEM, "a single request that can never be kept is refused: ENOMEM");
  char *room = ask(all + page, MAP_NORESERVE);
  expect(room, "MAP_NORESERVE asks for addresses only, and gets them");
  if (room)
    munmap_or_exit(room, all + page);
  return lab_end();
}
