/* areas.h: the kernel's own list of a process's memory, as /proc/PID/smaps prints it. */
#ifndef BRIM_CLI_AREAS_H
#define BRIM_CLI_AREAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct area {
  uint64_t start, end;
  uint64_t resident_bytes, dirty_bytes, shared_bytes;
  char permissions[5]; /* as in "rw-p" */
  char *path;          /* "" for unnamed anonymous memory */
};
struct areas {
  struct area *list;
  size_t count;
  bool with_sizes; /* the text says what is resident; that of maps does not */
};

/* Reads all areas of an smaps text, in its order: by address. */
struct areas areas_read(FILE *smaps);
void areas_free(struct areas *areas);
/* The number of the first area that ends above the address; the count if none does. */
size_t areas_from(const struct areas *areas, uint64_t address);

/* A thread and its stack pointer, which is 0 where the kernel does not tell it (no permission, or the thread runs). */
struct thread {
  pid_t tid;
  uint64_t stack_pointer;
};
/* All threads of a process, in order of their stack pointers. The caller frees the list. Returns how many. */
size_t threads_read(pid_t pid, struct thread **threads);

#endif
