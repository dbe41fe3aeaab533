/* arguments.c */
#include "arguments.h"
#include "cli.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

bool argument_with_value(char **argv, int *at, const char *name, const char **value)
{
  size_t length = strlen(name);
  const char *word = argv[*at];
  if (strncmp(word, name, length) != 0 || (word[length] && word[length] != '='))
    return false;
  *value = word[length] ? word + length + 1 : argv[*at + 1];
  *at += !word[length] && *value;
  return true;
}

bool argument_process(const char *word, pid_t *pid)
{
  char *end;
  errno = 0;
  long number = strtol(word, &end, 10);
  if (*end || end == word || errno || number <= 0 || number > INT_MAX)
    return false;
  *pid = (pid_t)number;
  return true;
}

int argument_lacks_value(const char *name)
{
  return fail(EX_USAGE, "%s needs a value; 'brim help %s' says which", name, command_name);
}

int argument_unknown(const char *word)
{
  return fail(EX_USAGE, "there is no option %s; 'brim help %s' lists them", word, command_name);
}
