/* allocators.h: which allocators there are to measure, where they lie, and which version each is.
 *
 * An allocator is a shared object that is preloaded. So is the C library, when its own allocator is asked for: a program
 * that is linked with another one then really runs on the C library's. */
#ifndef BRIM_CLI_ALLOCATORS_H
#define BRIM_CLI_ALLOCATORS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum { ALLOCATORS_MAX = 24, ALLOCATOR_NAME_MAX = 16 };

struct allocator {
  char name[ALLOCATOR_NAME_MAX];
  char version[48];
  char preload[PATH_MAX]; /* for LD_PRELOAD; empty where the C library can't be preloaded (musl) */
  char library[PATH_MAX]; /* the file that malloc was found in, as /proc/PID/maps names it */
};

struct allocator_list {
  struct allocator row[ALLOCATORS_MAX];
  size_t count;
};

/* Adds what `text` asks for, separated by commas: names of peers.def, `system`, `brim`, `all` (everything that is found),
 * NAME=/path/to/lib.so, or NAME@VERSION=/path/to/lib.so for a library that can't say its version. What is missing or does
 * not work gets one line on stderr. Returns false if the text itself is wrong, after a line that says how. */
bool allocators_add(struct allocator_list *list, const char *text);

/* The row of that name, or NULL. The system's allocator also answers to `system`. */
const struct allocator *allocators_named(const struct allocator_list *list, const char *name);

/* Prints the file that holds this process's malloc, a tab, and its version. A new process is run for this, to see whether
 * a library replaces malloc. */
int print_own_allocator(void);

/* Prints a line for every environment variable that may change how an allocator behaves. */
void allocators_warn_of_settings(void);

#endif
