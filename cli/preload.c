/* preload.c: see preload.h. */
#include "preload.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *preload_library(void)
{
  static char path[PATH_MAX + 32];
  char self[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length > 0) {
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(path, sizeof path, "%s/libbrim.so", self);
    if (access(path, R_OK) == 0)
      return path;
    snprintf(path, sizeof path, "%s/../lib/libbrim.so", self);
    if (access(path, R_OK) == 0)
      return path;
  }
  snprintf(path, sizeof path, "%s/lib/libbrim.so", BRIM_PREFIX);
  return access(path, R_OK) == 0 ? path : NULL;
}
