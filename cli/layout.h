/* layout.h: the memory of one process as a list of regions, low to high, gaps included.
 *
 * It is read from the kernel's smaps of the process. Neighbouring areas that belong together (the parts of a library)
 * are one region; every region has a name that a person understands. */
#ifndef BRIM_CLI_LAYOUT_H
#define BRIM_CLI_LAYOUT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum region_kind {
  REGION_GAP,     /* not mapped */
  REGION_PROGRAM, /* text, data and bss of the executable */
  REGION_BREAK,   /* the heap that sbrk moves */
  REGION_BRIM,    /* a mapping of Brim's: by its name, by Brim's records, or else by its look */
  REGION_MAPPING, /* any other anonymous mapping */
  REGION_FILE,
  REGION_LIBRARY,
  REGION_STACK,  /* of the main thread or of another */
  REGION_KERNEL, /* vdso and vvar */
  REGION_KINDS
};
/* "gap", "program", ...: the words of the JSON output. */
const char *region_kind_name(enum region_kind kind);

struct region {
  uint64_t start, end;
  uint64_t bytes; /* end - start, less the gaps inside a region that was joined for brevity */
  uint64_t resident_bytes, dirty_bytes;
  enum region_kind kind;
  unsigned areas_n; /* the kernel's areas (lines of maps) that it is made of */
  char permissions[5];
  char name[NAME_MAX + 1]; /* any bytes */
};

struct layout {
  pid_t pid;
  char program[NAME_MAX + 1]; /* any bytes */
  bool on_brim;               /* libbrim is loaded, or linked into the program */
  bool brim_is_known;         /* which regions are Brim's: by names (BRIM_NAME_MAPPINGS) or its records */
  struct region *regions;
  size_t count;
  uint64_t mapped_bytes, resident_bytes, dirty_bytes; /* of all regions */
  uint64_t peak_bytes; /* if the picture is that of the peak, the most that was ever resident; else 0 */
  bool has_children;   /* of a program that was run: it has started processes, which are not shown */
};

/* Reads smaps text. `executable` is the path of the program's file; NULL takes the lowest file that is mapped. `pid`
 * is asked for thread stacks and Brim's records; 0 if there is no such process. With `brief`, neighbouring libraries and
 * files become one region. Returns false if the text holds no area, or does not say what is resident. */
bool layout_read(struct layout *layout, FILE *smaps, const char *executable, pid_t pid, bool brief);
/* The layout of a live process. Returns 0 or an errno value; ESRCH also for one without memory of its own. */
int layout_of(struct layout *layout, pid_t pid, bool brief);
void layout_free(struct layout *layout);

/* Whether `region` is new ('+') or other ('*') compared with `before`, or the same (' '). */
char layout_change(const struct layout *before, const struct region *region);

#endif
