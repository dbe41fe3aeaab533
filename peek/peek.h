/* peek.h: the statistics of another process, which runs and knows nothing of it: the counts that brim_stats() is made of, read
 * from its memory. They are a moment apart from each other; the process is not stopped. */
#ifndef BRIM_PEEK_H
#define BRIM_PEEK_H

#include "../src/core/stats.h"

#include <stdint.h>
#include <sys/types.h>

enum peek_result {
  PEEK_READ,
  PEEK_NO_FILE,   /* the file that was loaded can't be read */
  PEEK_STRIPPED,  /* it has no symbol table */
  PEEK_OTHER,     /* it is of another build of Brim than this one */
  PEEK_FORBIDDEN, /* the system does not let this process read that one's memory */
  PEEK_GONE       /* the process ended meanwhile */
};

/* `path` is the file that brought Brim into the process, libbrim.so or the program itself, and `bias` how far from the addresses in
 * that file it is loaded. Rows that are the kernel's are left alone, the others added to: they are zero before. */
enum peek_result peek_read(pid_t pid, const char *path, uint64_t bias, struct stats *rows);

#endif
