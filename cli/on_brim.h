/* on_brim.h: finds the allocator in a process that runs on Brim. */
#ifndef BRIM_CLI_ON_BRIM_H
#define BRIM_CLI_ON_BRIM_H

#include "areas.h"

#include "../peek/target.h"

#include <limits.h>

enum on_brim_result {
  /* Those of enum peek_result, and: */
  ON_BRIM_NO_PROCESS = PEEK_RESULTS,
  ON_BRIM_UNREADABLE, /* its areas, or which of its pages are resident, can't be read */
  ON_BRIM_NOT,        /* it does not run on Brim */
  ON_BRIM_OWN_MALLOC  /* nor does this one, though the library is loaded: it has its own malloc */
};

struct on_brim {
  pid_t pid;
  struct target target;
  char path[PATH_MAX]; /* of the file that brought Brim there */
  int result;          /* PEEK_READ, or what went wrong first */
};

/* Finds Brim in the areas of a process. Returns whether that went well. */
bool on_brim_find(struct on_brim *on, pid_t pid, const struct areas *areas);
/* The same, with areas that it reads from /proc/PID/`file`, "maps" or "smaps". The caller frees them in any case. */
bool on_brim_open(struct on_brim *on, struct areas *areas, pid_t pid, const char *file);

/* 0, or the exit code after fail() has said what went wrong. */
int on_brim_say(const struct on_brim *on);

#endif
