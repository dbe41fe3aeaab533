/* hooks.c: another preloaded library hooks mmap, madvise, open, getenv, sysconf, and allocates in its hooks. */
#define _GNU_SOURCE
#include "first/restart.h"
#include "refusal/workload.h"
#include <dlfcn.h>
#include <fcntl.h>

static int hooked_work(void)
{
  int (*calls)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "hook_calls");
  if (!calls)
    return 90;
  work(1, 100000, 500000, 32 << 20);
  malloc_trim(0);
  int before = calls();
  close(open("/dev/null", O_RDONLY));
  munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
  /* The hooks must have seen these calls, to show that they are in force. */
  return getenv("PATH") && calls() >= before + 4 ? 0 : 91;
}

int main(int argc, char **argv)
{
  struct restart with = {.argument = "work"};
  if (argc > 1)
    return !strcmp(argv[1], "work") ? hooked_work() : 1;
  const char *hook = beside("hook.so");
  if (!library() || access(hook, R_OK)) {
    skip("nothing is preloaded, or there is no %s", hook);
    return done_testing();
  }
  snprintf(with.preload, sizeof with.preload, "%s:%s", hook, library());
  restarts_well(&with, "a library that hooks and allocates, preloaded before");
  snprintf(with.preload, sizeof with.preload, "%s:%s", library(), hook);
  restarts_well(&with, "and preloaded after");
  return done_testing();
}
