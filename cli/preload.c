#include "preload.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
const char *preload_library(void)
{
  static char path[4200];
  ssize_t n = readlink("/proc/self/exe", path, 4096);
  if (n < 0) return NULL;
  path[n] = 0;
  strcpy(strrchr(path, '/'), "/libbrim.so");
  if (access(path, R_OK)) return NULL;
  return path;
}
