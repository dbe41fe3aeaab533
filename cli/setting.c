/* setting.c: see setting.h. */
#include "setting.h"
#include "cli.h"
#include "option.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int setting_set(const char *name, const char *value)
{
  char variable[64];
  const char *wrong = option_problem(name, value);
  if (wrong)
    return fail(EX_USAGE, "%s=%s: %s", name, value, wrong);
  snprintf(variable, sizeof variable, "BRIM_%s", name);
  return setenv(variable, value, 1) ? fail(EX_OSERR, "%s", strerror(errno)) : 0;
}

int setting_assign(const char *text)
{
  char name[64];
  const char *equals = strchr(text, '=');
  if (!equals || snprintf(name, sizeof name, "%.*s", (int)(equals - text), text) >= (int)sizeof name)
    return fail(EX_USAGE, "--set needs NAME=VALUE, not '%s'; 'brim options' lists the names", text);
  return setting_set(strncmp(name, "BRIM_", 5) ? name : name + 5, equals + 1);
}
