/* scratch.c */
#define _GNU_SOURCE
#include "scratch.h"
#include "cli.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDERS_OPEN = 16 };

int scratch_make(char path[PATH_MAX], const char *name)
{
  const char *temporary = getenv("TMPDIR");
  int length = snprintf(path, PATH_MAX, "%s/brim-%s-XXXXXX", temporary && *temporary ? temporary : "/tmp", name);
  errno = ENAMETOOLONG;
  if (length >= PATH_MAX || !mkdtemp(path) || setenv("TMPDIR", path, 1))
    return fail(EX_CANTCREAT, "can't make a folder for the programs' files, '%s': %s", path, strerror(errno));
  return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *at)
{
  (void)status, (void)type, (void)at;
  return remove(path);
}

void scratch_remove(const char *path) { nftw(path, remove_entry, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS); }
