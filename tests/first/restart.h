/* restart.h: starts this program anew, with other preloaded libraries and an argument. */
#ifndef BRIM_TESTS_RESTART_H
#define BRIM_TESTS_RESTART_H

#include "tap.h"
#include <errno.h>

/* The library under test, and a file that lies beside this program. */
__attribute__((unused)) static const char *library(void) { return getenv("LD_PRELOAD"); }

__attribute__((unused)) static const char *beside(const char *file)
{
  static char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  path[n < 0 ? 0 : n] = 0;
  char *slash = strrchr(path, '/');
  snprintf(slash ? slash + 1 : path, sizeof path - (size_t)(slash ? slash + 1 - path : 0), "%s", file);
  return path;
}

struct restart {
  char preload[8300];
  const char *argument;
};

__attribute__((unused)) static int restart(void *argument)
{
  struct restart *restart = argument;
  if (restart->preload[0])
    setenv("LD_PRELOAD", restart->preload, 1);
  else
    unsetenv("LD_PRELOAD");
  execl("/proc/self/exe", "restarted", restart->argument, (char *)NULL);
  return 127;
}

/* Whether the new program returns 0 and says nothing. */
__attribute__((unused)) static void restarts_well(struct restart *with, const char *name)
{
  struct ending end = ended_as(restart, with, 60);
  if (!ok(!end.signal && !end.code && !end.text[0], "%s", name))
    diag("signal %d, exit code %d, stderr: %.800s", end.signal, end.code, end.text);
}

#endif
