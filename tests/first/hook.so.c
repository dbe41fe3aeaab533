/* hook.so.c: a library that hooks what an allocator may call, and allocates in its hooks, as tracers do. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int hook_calls(void);
static int calls;
static __thread int depth;

int hook_calls(void) { return calls; }

/* Allocates, as a tracer does that keeps a record of each call. */
static void record(void)
{
  if (depth++ == 0) {
    char *entry = malloc(100);
    memset(entry, 1, 100);
    free(realloc(entry, 5000));
    calls++;
  }
  depth--;
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
  record();
  return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

int munmap(void *address, size_t length)
{
  record();
  return (int)syscall(SYS_munmap, address, length);
}

int madvise(void *address, size_t length, int advice)
{
  record();
  return (int)syscall(SYS_madvise, address, length, advice);
}

int open(const char *path, int flags, ...)
{
  va_list rest;
  va_start(rest, flags);
  int mode = va_arg(rest, int);
  va_end(rest);
  record();
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

extern char **environ;

char *getenv(const char *name)
{
  record();
  size_t length = strlen(name);
  for (char **at = environ; at && *at; at++)
    if (!strncmp(*at, name, length) && (*at)[length] == '=')
      return *at + length + 1;
  return NULL;
}

char *secure_getenv(const char *name) { return getenv(name); }

long sysconf(int name)
{
  record();
  return name == _SC_PAGESIZE ? 4096 : -1;
}
