/* maps.h: the programs of the lab look at their own memory, as the kernel shows it in /proc/self.
 *
 * None of it calls malloc: that would move the very things we look at. */
#ifndef LAB_MAPS_H
#define LAB_MAPS_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

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

/* What /proc/self/statm says in bytes: how much is mapped, and how much of it is resident, that is, really there. */
struct memory {
  size_t mapped, resident;
};
static inline struct memory memory_now(void)
{
  char text[128], *end;
  int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  text[length > 0 ? length : 0] = '\0';
  size_t mapped = strtoul(text, &end, 10), resident = strtoul(end, NULL, 10);
  return (struct memory){mapped * page_size(), resident * page_size()};
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
  if (from < 0 || to < 0 || length != 0)
    fprintf(stderr, "no picture: %s could not be written from /proc/self/smaps\n", path);
  close(from);
  close(to);
}

#endif
