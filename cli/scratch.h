/* scratch.h: a folder for the files of programs that a command runs, removed afterwards with all that is in it. */
#ifndef BRIM_CLI_SCRATCH_H
#define BRIM_CLI_SCRATCH_H

#include <limits.h>

/* Makes the folder brim-<name>-..., in TMPDIR or /tmp, and makes it the TMPDIR of what is run. 0, or the exit code after
 * fail(). */
int scratch_make(char path[PATH_MAX], const char *name);
void scratch_remove(const char *path);

#endif
