/* outfile.h: the files that a command writes when it is done. Each is written whole, or left as it was before.
 *
 * `-`, /dev/stdout, /dev/stderr, /dev/fd/N and /proc/self/fd/N name an open descriptor, which is written to as it stands:
 * what it leads to (a log, a pipe) may hold other text too. */
#ifndef BRIM_CLI_OUTFILE_H
#define BRIM_CLI_OUTFILE_H

#include <stddef.h>

/* The descriptor that the path names, or -1. */
int outfile_descriptor(const char *path);

/* Whether the file can be written, as far as that can be told without touching it: asked before long work begins. 0, or
 * the exit code after fail(). */
int outfile_check(const char *path);

/* Whether two options may write to these, of which one may be NULL: not to the same file. 0, or the exit code after fail(). */
int outfile_check_both(const char *one, const char *other);

/* Writes the file. 0, or the exit code after fail(). */
int outfile_write(const char *path, const char *text, size_t bytes);

#endif
