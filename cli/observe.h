/* observe.h: runs a program and takes a picture of its memory while it is still there. */
#ifndef BRIM_CLI_OBSERVE_H
#define BRIM_CLI_OBSERVE_H

#include "layout.h"

/* When `visit` is called. The program stands still meanwhile. */
enum moment {
  MOMENT_TRACED, /* the child is traced, and has not become the program yet */
  MOMENT_EXEC,   /* it has become the program, or another one */
  MOMENT_PEAK,   /* more is resident than ever before, for at_peak */
  MOMENT_END     /* its first thread ends, or one that has outlived that; may come again */
};

/* Whether a look at `bytes` resident is worth its cost after one at `before`: there must be 2 % and 64 KiB more. */
static inline bool observe_is_more(uint64_t bytes, uint64_t before) { return bytes > before + before / 50 + 65536; }

struct observation {
  bool at_peak; /* the picture with the most resident memory seen, not the one at the end; or visits at peaks, too */
  bool brief;   /* as in layout_read */
  bool output_aside; /* the program's stdout goes to stderr, as ours is for the picture */
  /* Called instead of taking a picture, if it is there. */
  void (*visit)(enum moment moment, pid_t tid, void *context);
  void *context;
};

/* Runs argv, found along PATH, and fills in the layout, which is NULL for visits. Signals that ask us to end are passed on to the
 * program. Returns the program's exit code (128 + signal if it was killed), or -1 after a message if it could not be run or no
 * picture could be taken. */
int observe(char **argv, const struct observation *how, struct layout *layout);

#endif
