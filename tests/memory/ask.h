/* ask.h: what the command says of this process, which runs it. */
#ifndef BRIM_TESTS_ASK_H
#define BRIM_TESTS_ASK_H

#include "proc.h"

#include <stdio.h>
#include <sys/wait.h>

/* What `brim WHAT --json` prints of this process. Nothing is allocated here. The build's folder is B. */
PROC_UNUSED static bool ask(const char *what, char *text, size_t size)
{
  char command[4096], pid[16];
  int ends[2], status;
  snprintf(command, sizeof command, "%s/brim", getenv("B") ? getenv("B") : "build");
  snprintf(pid, sizeof pid, "%d", (int)getpid());
  if (pipe(ends))
    _exit(71);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 1);
    unsetenv("LD_PRELOAD");
    execl(command, "brim", what, "--json", pid, (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  size_t used = 0;
  for (ssize_t n; used < size - 1 && (n = read(ends[0], text + used, size - 1 - used)) > 0;)
    used += (size_t)n;
  text[used] = '\0';
  close(ends[0]);
  return waitpid(child, &status, 0) == child && status == 0;
}

/* The number of a row; UINT64_MAX if there is none. */
PROC_UNUSED static uint64_t row_of(const char *text, const char *name)
{
  char key[64];
  snprintf(key, sizeof key, "\"%s\": ", name);
  const char *at = strstr(text, key);
  return at ? strtoull(at + strlen(key), NULL, 10) : UINT64_MAX;
}

#endif
