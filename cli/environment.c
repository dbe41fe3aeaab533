/* environment.c: see environment.h. The library reads the environment in a constructor. One of ours runs first and renames the
 * variables that the library must not see. */
#define _GNU_SOURCE
#include "environment.h"
#include "cli.h"
#include "option.h"

#include <brim/brim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = 101 }; /* priorities up to 100 are the C library's */

static const char prefix[] = "BRIM_", hidden[] = "bRIM_";
enum { PREFIX = sizeof prefix - 1 };

/* Returns what is wrong with the assignment NAME=VALUE, or NULL. */
static const char *problem_of(const char *assignment)
{
  char name[32];
  const char *equals = strchr(assignment, '=');
  bool fits =
      equals && snprintf(name, sizeof name, "%.*s", (int)(equals - assignment), assignment) < (int)sizeof name;
  return option_problem(fits ? name : "", fits ? equals + 1 : "");
}

static bool prints(const char *assignment)
{
  return !strncmp(assignment, "STATS=", 6) || !strncmp(assignment, "VERBOSE=", 8);
}

__attribute__((constructor(FIRST))) static void hide(void)
{
  for (char **entry = environ; entry && *entry; entry++)
    if (!strncmp(*entry, prefix, PREFIX) && (prints(*entry + PREFIX) || problem_of(*entry + PREFIX)))
      **entry = hidden[0];
}

void environment_restore(void)
{
  for (char **entry = environ; entry && *entry; entry++)
    if (!strncmp(*entry, hidden, PREFIX))
      **entry = prefix[0];
}

void environment_warn(void)
{
  for (char **entry = environ; entry && *entry; entry++) {
    const char *problem = strncmp(*entry, prefix, PREFIX) ? NULL : problem_of(*entry + PREFIX);
    if (problem)
      fail(0, "%s: %s", *entry, problem);
  }
}

const char *environment_option(const char *name)
{
  char variable[64];
  snprintf(variable, sizeof variable, "%s%s", prefix, name);
  const char *value = getenv(variable);
  return value && !brim_option_check(name, value) ? value : NULL;
}
