/* naming.h: says what an area of a process's memory is, in words that a person understands: by its file, its neighbours,
 * its name in the kernel or Brim's records, or, where none of these tell, by its look. */
#ifndef BRIM_CLI_NAMING_H
#define BRIM_CLI_NAMING_H

#include "areas.h"
#include "layout.h"

/* What the naming of one area needs to know about the others. */
struct naming {
  const struct areas *areas;
  const char *executable;   /* its path, or that of the lowest file that is mapped */
  size_t *executable_areas; /* numbers of those that may be executed, which are few */
  size_t executable_areas_n;
  struct thread *threads; /* in order of their stack pointers */
  size_t threads_n;
  bool on_brim, brim_is_named; /* the kernel shows an area with a name of Brim's */
  const unsigned char *owners; /* of each area (owners.h), set by the caller; NULL: not known */
};

/* `executable` may be NULL; `pid` is 0 if there is no process to ask for its threads. */
struct naming naming_begin(const struct areas *areas, const char *executable, pid_t pid);
void naming_end(struct naming *naming);

/* Fills in the kind and the name of area number i. */
void naming_name(const struct naming *naming, size_t i, struct region *region);

/* Whether the file is one of Brim's libraries. */
bool naming_is_brim(const char *path);

/* What follows the last slash of a path. */
const char *naming_base(const char *path);

#endif
