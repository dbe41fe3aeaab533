/* lab.h: what the programs of the lab share: looking at this process's own memory, and saying what was found.
 *
 * None of it calls malloc: that would move the very things we look at. */
#ifndef LAB_H
#define LAB_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int lab_wrong; /* claims that did not hold */

/* First line of every program. stdio would take its buffer from malloc, and malloc would move the break. */
static inline void lab_begin(void)
{
  static char buffer[1 << 14];
  setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
}

/* A claim of the text beside the program. A claim that fails makes the program fail. */
static inline bool expect(bool holds, const char *claim)
{
  printf("  %s %s\n", holds ? "yes:" : "NO: ", claim);
  lab_wrong += !holds;
  return holds;
}
static inline int lab_end(void) { return lab_wrong ? EXIT_FAILURE : EXIT_SUCCESS; }

static inline size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

/* Page faults so far that needed no disk: each took one or more pages into our memory. */
static inline long page_faults(void)
{
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

static inline double nanoseconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Writes one byte into each page. Volatile: the compiler may not drop a store that nobody reads. */
static inline void touch(void *memory, size_t bytes)
{
  for (size_t i = 0; i < bytes; i += page_size())
    ((volatile char *)memory)[i] = 1;
}

/* Reads the next line of the kernel's map from `fd` without stdio. Returns false at the end. */
static inline bool map_line(int fd, char *line, size_t capacity)
{
  size_t length = 0;
  char byte;
  while (read(fd, &byte, 1) == 1 && byte != '\n')
    if (length + 1 < capacity)
      line[length++] = byte;
  line[length] = '\0';
  return length > 0;
}

/* Copies the line of the kernel's map that holds the address; false if it is not mapped. */
static inline bool find_in_map(const void *address, char *line, size_t capacity)
{
  int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  bool found = false;
  while (!found && map_line(fd, line, capacity)) {
    unsigned long start, end;
    found = sscanf(line, "%lx-%lx", &start, &end) == 2 && start <= (uintptr_t)address && (uintptr_t)address < end;
  }
  close(fd);
  return found;
}

/* Prints that line, its runs of blanks made one. */
static inline void show_in_map(const char *what, const void *address)
{
  char line[512];
  printf("  %-14s %p: ", what, address);
  if (!find_in_map(address, line, sizeof line)) {
    printf("not mapped\n");
    return;
  }
  for (const char *c = line; *c; c++)
    if (*c != ' ' || c[1] != ' ')
      putchar(*c);
  putchar('\n');
}

/* Which part of memory an address is in, in one word. */
static inline const char *region_of(const void *address)
{
  char line[512];
  if (!find_in_map(address, line, sizeof line))
    return "nowhere";
  if (strstr(line, "[heap]"))
    return "break";
  return strstr(line, "[stack]") ? "stack" : strchr(line, '/') ? "file" : "mapping";
}

/* Keeps the kernel's view of this moment for `brim lab`, which draws it: in a file whose name begins with the value of
 * LAB_PICTURES. `name` is "before" or "after". */
static inline void picture(const char *name)
{
  const char *begin = getenv("LAB_PICTURES");
  char path[4096], bytes[4096];
  if (!begin)
    return;
  snprintf(path, sizeof path, "%s-%s", begin, name);
  int from = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
  int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ssize_t length;
  while ((length = read(from, bytes, sizeof bytes)) > 0 && write(to, bytes, (size_t)length) == length)
    ;
  close(from);
  close(to);
}

/* Whether this process may move its break. musl never lets it; a limit (ulimit -d) or a sandbox may not. */
static inline bool break_moves(void)
{
  void *old = sbrk((intptr_t)page_size());
  if (old != (void *)-1) {
    sbrk(-(intptr_t)page_size());
    return true;
  }
  perror("sbrk");
  printf("This C library, or this system, refuses to move the break.\n"
         "musl does so always: its malloc uses the break itself and wants to be alone there.\n"
         "sbrk(0), which only reads the break, works: it is at %p. Run this step under glibc.\n",
         sbrk(0));
  return false;
}

#endif
