/* observe.h: runs a program and takes a picture of its memory while it is still there. */
#ifndef BRIM_CLI_OBSERVE_H
#define BRIM_CLI_OBSERVE_H

#include "layout.h"

/* Moments at which somebody else may look at the program, which stands still. */
enum moment {
  MOMENT_TRACED, /* it is to become the program; the first one that exec runs is still to come */
  MOMENT_EXEC,   /* it has become a program, the first or another */
  MOMENT_PEAK,   /* more is resident than ever before, for at_peak */
  MOMENT_END     /* a thread of it ends, the last one or one whose memory is the program's last; may come again */
};

/* Whether a look with so many bytes resident is worth what it costs after one with `before`: 2 % and 64 KiB more. */
static inline bool observe_is_more(uint64_t bytes, uint64_t before) { return bytes > before + before / 50 + 65536; }

struct observation {
  bool at_peak; /* the picture with the most resident memory seen, instead of the one at the end; or visits then */
  bool brief;   /* as in layout_read */
  bool output_aside; /* the program's stdout goes to stderr: ours is for the picture */
  /* Called instead of taking a picture, if it is there. */
  void (*visit)(enum moment moment, pid_t tid, void *context);
  void *context;
};

/* Runs argv, found along PATH, and fills in the layout, which is NULL for visits. Returns its exit code (128 + signal if it was killed), or -1
 * after a message if it could not be run or no picture was got. */
int observe(char **argv, const struct observation *how, struct layout *layout);

#endif
