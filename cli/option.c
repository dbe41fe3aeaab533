/* option.c: see option.h. The library says what is wrong, its table what would be right. */
#include "option.h"

#include <stdio.h>
#include <string.h>

bool option_find(const char *name, struct brim_option *row)
{
  for (size_t i = 0; brim_option_at(i, row); i++)
    if (!strcmp(row->name, name))
      return true;
  return false;
}

/* Bytes with the largest suffix that leaves no fraction. */
static const char *bytes_text(char text[OPTION_TEXT], int64_t bytes)
{
  int power = 0;
  for (; bytes && bytes % 1024 == 0 && power < 3; power++)
    bytes /= 1024;
  snprintf(text, OPTION_TEXT, "%lld%.1s", (long long)bytes, &"\0KMG"[power]);
  return text;
}

const char *option_value(char text[OPTION_TEXT], const struct brim_option *row, int64_t value)
{
  const char *choice = row->choices;
  if (row->type == BRIM_OPTION_BYTES)
    return bytes_text(text, value);
  if (row->type != BRIM_OPTION_CHOICE) {
    snprintf(text, OPTION_TEXT, "%lld", (long long)value);
    return text;
  }
  while (value-- > 0)
    choice = strchr(choice, '|') + 1;
  snprintf(text, OPTION_TEXT, "%.*s", (int)strcspn(choice, "|"), choice);
  return text;
}

const char *option_range(char text[OPTION_TEXT], const struct brim_option *row)
{
  char min[OPTION_TEXT], max[OPTION_TEXT];
  if (row->choices)
    snprintf(text, OPTION_TEXT, "%s", row->choices);
  else if (row->type == BRIM_OPTION_BOOL)
    snprintf(text, OPTION_TEXT, "0|1");
  else
    snprintf(text, OPTION_TEXT, "%.28s to %.28s", option_value(min, row, row->min), option_value(max, row, row->max));
  return text;
}

const char *option_problem(const char *name, const char *value)
{
  static char text[2 * OPTION_TEXT];
  char range[OPTION_TEXT];
  struct brim_option row;
  const char *problem = brim_option_check(name, value);
  if (!problem)
    return NULL;
  if (option_find(name, &row))
    snprintf(text, sizeof text, "%s (%s)", problem, option_range(range, &row));
  else
    snprintf(text, sizeof text, "%s; 'brim options' lists them", problem);
  return text;
}
