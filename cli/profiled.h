/* profiled.h: runs a program under libbrim-profile.so, and shows what was recorded of it. */
#ifndef BRIM_CLI_PROFILED_H
#define BRIM_CLI_PROFILED_H

#include "../profile/format.h"
#include "symbolise.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* What sites are ordered by. */
enum measure { BY_LIVE, BY_PEAK, BY_TOTAL, MEASURES };

struct profile_request {
  uint64_t rate;
  uint32_t blocks_max; /* sampled blocks that can be live at a time */
  char **argv;
};

struct profiled {
  struct profile *profile;
  char program[64]; /* the name of what the process ran at its end */
  pid_t pid;
  int code;          /* its exit code, or 128 + signal */
  bool was_seen;     /* by us, at its end; what follows is known only then */
  bool has_library;  /* libbrim-profile.so was loaded, whether or not it began to record */
  bool own_malloc;   /* it brings a malloc that no library replaces */
  bool has_children; /* it has started processes, which are not recorded */
  struct symbols *symbols;
  struct profile_sum left_out; /* by profiled_leave_out */
};

/* Runs the program to its end. 0, or the exit code after fail(). */
int profiled_run(const struct profile_request *request, struct profiled *profiled);
void profiled_free(struct profiled *profiled);

struct profile_sum profiled_sum(const struct profiled *profiled, const struct profile_site *site,
                                enum measure measure);
/* Over all sites. */
struct profile_sum profiled_all(const struct profiled *profiled, enum measure measure);
/* Whole blocks. */
uint64_t profiled_blocks(struct profile_sum sum);
/* Fills in the places of a stack's innermost `depth` addresses, as far as `symbols` knows them, innermost first. Leaves out
 * those at the top that only allocate for their callers. Returns how many it filled in, at most `capacity`. */
size_t profiled_places(const struct profiled *profiled, const struct profile_site *site, uint32_t depth,
                       const struct place **places, size_t capacity);

/* Takes out of what is live: what the C, C++ and Rust libraries keep to the end for themselves, and the stacks that go through a
 * function, source file or module of one of the names, which end with NULL. */
void profiled_leave_out(struct profiled *profiled, const char *const *names);

/* Prints, for people, up to `top` stacks, those that hold most. Looks up the symbols that it needs. */
void profiled_print(struct profiled *profiled, enum measure by, unsigned top, FILE *out);

/* Both look up all symbols. The caller frees the text; NULL if memory is out. */
char *profiled_json(struct profiled *profiled, size_t *bytes);
/* A line for each stack, outermost function first, and its bytes, as flamegraph.pl and speedscope read it. */
char *profiled_collapsed(struct profiled *profiled, enum measure by, size_t *bytes);

#endif
