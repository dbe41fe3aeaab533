/* target.h: reads the memory of another process that runs on Brim, while that process goes on, unaware. Variables are found
 * by the symbol table of the file that brought Brim there, and read with the structs of src/core. */
#ifndef BRIM_PEEK_TARGET_H
#define BRIM_PEEK_TARGET_H

#include "variables.h"

#include <sys/types.h>

enum peek_result {
  PEEK_READ,
  PEEK_NO_FILE,   /* the file that was loaded can't be read */
  PEEK_STRIPPED,  /* it has no symbol table */
  PEEK_OTHER,     /* it is of another build of Brim than this one */
  PEEK_FORBIDDEN, /* the system does not let this process read that one's memory */
  PEEK_GONE,      /* the process ended meanwhile */
  PEEK_RESULTS
};

/* The variables that are read; of some, only their addresses and sizes matter. */
enum target_variable {
  FIRST_HEAP,
  FIRST_EXTENT,
  CLASSES_TABLE,
  FRONT,
  MAPPED_N,
  MAPPED_BYTES,
  BREAK_BYTES,
  POOL_BYTES,
  META_BYTES,
  META_FIRST,
  META_SPACE,
  CALLS_OF_SYSTEM,
  PAGE_MAP,
  BIN_ENTRIES,
  TARGET_VARIABLES
};

struct target {
  pid_t pid;
  struct variable variables[TARGET_VARIABLES]; /* as the process has them */
  enum peek_result result;                     /* of the first read that failed, or PEEK_READ */
};

/* `path` is the file that brought Brim into the process: libbrim.so or the program itself. `bias` is the distance from the
 * addresses in that file to those in the process. */
enum peek_result target_open(struct target *target, pid_t pid, const char *path, uint64_t bias);

/* All zero if it can't be read, or if a read before failed. */
void target_copy(struct target *target, uint64_t address, void *bytes, size_t size);
void target_variable(struct target *target, enum target_variable which, void *bytes, size_t size);
/* The value of a variable of eight bytes. */
uint64_t target_number(struct target *target, enum target_variable which);

#endif
