/* on_brim.h: the allocator in a process that runs on Brim. */
#ifndef BRIM_CLI_ON_BRIM_H
#define BRIM_CLI_ON_BRIM_H

#include "areas.h"

#include "../peek/target.h"

#include <limits.h>

enum on_brim_result {
  /* Those of enum peek_result, and: */
  ON_BRIM_NO_PROCESS = PEEK_RESULTS,
  ON_BRIM_UNREADABLE, /* its areas, or which of its pages are resident */
  ON_BRIM_NOT,        /* it does not run on Brim */
  ON_BRIM_OWN_MALLOC  /* nor does this one, though the library is loaded */
};

struct on_brim {
  pid_t pid;
  struct target target;
  char path[PATH_MAX]; /* of the file that brought Brim there */
  int result;          /* PEEK_READ, or what went wrong first */
};

/* Finds Brim in the areas of a process. Whether that went well. */
bool on_brim_find(struct on_brim *on, pid_t pid, const struct areas *areas);
/* Reads the areas, by their `file` in /proc, "maps" or "smaps", and does so. They are to be freed in any case. */
bool on_brim_open(struct on_brim *on, struct areas *areas, pid_t pid, const char *file);

/* 0, or the exit code after fail() has said what went wrong. */
int on_brim_say(const struct on_brim *on);

#endif
