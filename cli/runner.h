/* runner.h: runs one case under every allocator in turn, in another order each round, until each has its runs. */
#ifndef BRIM_CLI_RUNNER_H
#define BRIM_CLI_RUNNER_H

#include "results.h"

struct runner {
  struct results *results;
  unsigned timeout_s;
  bool count_calls;  /* begin with a run that counts system calls */
  bool reads_output; /* the program prints "ops N", "live N", "seconds X" about itself */
};

/* A run that fails ends the runs of that allocator; the failure is kept in its cell and printed. Returns false if there is
 * no point in going on: interrupted, the program can't be run, or memory is out. */
bool runner_case(const struct runner *runner, size_t index, char *const *argv);

/* The words of argv, quoted for a shell where needed; NULL if memory is out. */
char *runner_command_text(char *const *argv);

#endif
