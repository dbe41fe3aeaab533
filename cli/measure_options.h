/* measure_options.h: the options that `brim compare` and `brim bench` share. */
#ifndef BRIM_CLI_MEASURE_OPTIONS_H
#define BRIM_CLI_MEASURE_OPTIONS_H

#include "results.h"

struct measure_options {
  const char *base;                     /* name of the allocator to compare with */
  const char *json, *csv, *plot, *html; /* files to write, or NULL */
  unsigned runs, timeout_s;
  bool with_given;
  struct allocator_list allocators;
  int argc; /* what follows the options */
  char **argv;
  bool options_ended; /* by "--" */
};

#define NO_GNUPLOT "gnuplot is not installed (on Debian: apt install gnuplot-nox)"

/* Reads the options of the command line; they end at "--" or at the first other word. `is_flag` is asked about options
 * that are not shared, and `is_word` about words that may stand among the options. Returns 0, or the exit code after a
 * line that says what is wrong. */
int measure_options_read(struct measure_options *options, int argc, char **argv, bool (*is_flag)(const char *),
                         bool (*is_word)(const char *));

/* Makes sure that there is something to measure (all allocators that are found, if none was asked for) and that the files
 * can be written: hours of measuring must not end at a mistyped folder. */
int measure_options_check(struct measure_options *options, size_t *base);

#endif
