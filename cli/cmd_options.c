/* cmd_options.c: `brim options` lists every option from the library's own table. */
#include "cli.h"
#include "environment.h"

#include <brim/brim.h>
#include <stdio.h>
#include <string.h>

/* The default of a row as a user would write it in the environment. */
static const char *default_text(char text[64], const struct brim_option *row)
{
  const char *choice = row->choices;
  long long value = row->initial;
  if (row->type == BRIM_OPTION_CHOICE) {
    while (value-- > 0)
      choice = strchr(choice, '|') + 1;
    snprintf(text, 64, "%.*s", (int)strcspn(choice, "|"), choice);
  } else if (row->type == BRIM_OPTION_BYTES && value && value % (1 << 20) == 0) {
    snprintf(text, 64, "%lldM", value >> 20);
  } else if (row->type == BRIM_OPTION_BYTES && value && value % (1 << 10) == 0) {
    snprintf(text, 64, "%lldK", value >> 10);
  } else {
    snprintf(text, 64, "%lld", value);
  }
  return text;
}

static void print_json(const struct brim_option *row, const char *initial, const char *value)
{
  printf("  {\"name\": \"BRIM_%s\", \"default\": \"%s\", \"value\": \"%s\", \"help\": \"%s\"}", row->name, initial,
         value, row->help);
}

static void print_text(const struct brim_option *row, const char *initial, const char *value)
{
  printf("BRIM_%s=%s", row->name, value);
  if (strcmp(value, initial) != 0)
    printf("  (default %s)", initial);
  if (row->choices)
    printf("  [%s]", row->choices);
  printf("\n    %s\n", row->help);
}

int cmd_options(int argc, char **argv)
{
  bool json = argc == 2 && !strcmp(argv[1], "--json");
  if (argc != 1 && !json)
    return usage();
  environment_warn();
  struct brim_option row;
  for (size_t i = 0; brim_option_at(i, &row); i++) {
    char text[64];
    const char *initial = default_text(text, &row), *given = environment_option(row.name);
    if (json)
      fputs(i ? ",\n" : "[\n", stdout);
    (json ? print_json : print_text)(&row, initial, given ? given : initial);
  }
  fputs(json ? "\n]\n" : "", stdout);
  return 0;
}
