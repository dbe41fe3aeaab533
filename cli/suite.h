/* suite.h: the cases of `brim bench`. Each is an executable of its own that describes itself; the folder is the list. */
#ifndef BRIM_CLI_SUITE_H
#define BRIM_CLI_SUITE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum { SUITE_CASES_MAX = 100, SUITE_POINTS_MAX = 16 };

struct suite_case {
  char path[PATH_MAX];
  char name[40], suite[16];
  char help[200], needs[100];
  char quick[100], full[100]; /* points with spaces between them */
  char memory[24];            /* bytes that may be taken for each unit of a point, or "" */
};

struct suite {
  struct suite_case row[SUITE_CASES_MAX];
  size_t count;
};

/* Reads the descriptions of all cases, ordered by suite and name. Returns 0 or an exit code after a line. */
int suite_load(struct suite *suite);

/* Whether the case is asked for: by its name, by that of its suite, or because no name was given. */
bool suite_selects(const struct suite_case *row, int argc, char **argv);

/* The first program that the case needs and that is not installed; NULL if the case can run. */
const char *suite_missing(const struct suite_case *row, char name[64]);

#endif
