/* observe.h: runs a program and takes a picture of its memory while it is still there. */
#ifndef BRIM_CLI_OBSERVE_H
#define BRIM_CLI_OBSERVE_H

#include "layout.h"

struct observation {
  bool at_peak;      /* the picture with the most resident memory seen, instead of the one at the end */
  bool brief;        /* as in layout_read */
  bool output_aside; /* the program's stdout goes to stderr: ours is for the picture */
};

/* Runs argv, found along PATH, and fills in the layout. Returns its exit code (128 + signal if it was killed), or -1
 * after a message if it could not be run or no picture was got. */
int observe(char **argv, const struct observation *how, struct layout *layout);

#endif
