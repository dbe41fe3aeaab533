/* proc.h: what the kernel says of this process: resident and mapped bytes, and which mapping an address lies in. Reads
 * /proc/self by open() and read(), so that asking does not call the allocator. Also starts a test anew under an option. */
#ifndef BRIM_TESTS_PROC_H
#define BRIM_TESTS_PROC_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PROC_UNUSED __attribute__((unused))

/* The whole file, with a NUL at its end; empty if it can't be read or is too long. Good until the next call. */
PROC_UNUSED static char *proc_text(const char *path)
{
  static char text[1 << 20];
  size_t used = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  for (ssize_t n; fd >= 0 && used < sizeof text - 1 && (n = read(fd, text + used, sizeof text - 1 - used)) > 0;)
    used += (size_t)n;
  if (fd >= 0)
    close(fd);
  text[used < sizeof text - 1 ? used : 0] = 0;
  return text;
}

/* A field in kB, such as "Rss:", as bytes; 0 if there is none. */
PROC_UNUSED static size_t proc_field(const char *path, const char *name)
{
  const char *at = strstr(proc_text(path), name);
  return at ? strtoull(at + strlen(name), NULL, 10) << 10 : 0;
}

/* Resident bytes, exact (VmRSS lags behind by per-thread counters). */
PROC_UNUSED static size_t rss_bytes(void) { return proc_field("/proc/self/smaps_rollup", "Rss:"); }
/* Without pages of files: the first use of a library's code makes some resident. */
PROC_UNUSED static size_t anonymous_bytes(void) { return proc_field("/proc/self/smaps_rollup", "Anonymous:"); }
PROC_UNUSED static size_t vsz_bytes(void) { return proc_field("/proc/self/status", "VmSize:"); }

/* Pages that were made resident without input, so far. */
PROC_UNUSED static size_t minor_faults(void)
{
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (size_t)usage.ru_minflt;
}

struct mapping {
  uintptr_t start, end;
  bool heap; /* the kernel's [heap]: what brk() made */
};

/* The mapping that `address` lies in. */
PROC_UNUSED static bool mapping_of(const void *address, struct mapping *found)
{
  for (char *line = proc_text("/proc/self/maps"); *line;) {
    char *end = strchr(line, '\n');
    if (end)
      *end = 0;
    char *rest;
    found->start = strtoull(line, &rest, 16);
    found->end = strtoull(rest + 1, NULL, 16);
    found->heap = strstr(line, "[heap]") != NULL;
    if ((uintptr_t)address >= found->start && (uintptr_t)address < found->end)
      return true;
    if (!end)
      break;
    line = end + 1;
  }
  return false;
}

/* Where the break heap of the process starts; 0 if /proc names none. */
PROC_UNUSED static uintptr_t heap_start(void)
{
  char *text = proc_text("/proc/self/maps"), *at = strstr(text, "[heap]");
  if (!at)
    return 0;
  while (at > text && at[-1] != '\n')
    at--;
  return strtoull(at, NULL, 16);
}

/* Starts this program anew with the option, unless it is set already: the library reads it once. */
PROC_UNUSED static void start_with(const char *option, const char *value)
{
  if (getenv(option))
    return;
  setenv(option, value, 1);
  execl("/proc/self/exe", "restarted", (char *)NULL);
  exit(71);
}

PROC_UNUSED static void sleep_ms(long ms)
{
  struct timespec t = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&t, NULL);
}

#endif
