/* cmd_options.c: `brim options` lists every option from the library's own table. */
#include "arguments.h"
#include "cli.h"
#include "environment.h"
#include "option.h"

#include <stdio.h>
#include <string.h>

static void print_json(const struct brim_option *row, const char *initial, const char *value)
{
  char text[OPTION_TEXT];
  printf("  {\"name\": \"BRIM_%s\", \"default\": \"%s\", \"value\": \"%s\", ", row->name, initial, value);
  if (row->choices) {
    printf("\"choices\": [");
    for (int64_t i = row->min; i <= row->max; i++)
      printf("%s\"%s\"", i > row->min ? ", " : "", option_value(text, row, i));
    printf("], ");
  } else {
    printf("\"min\": \"%s\", ", option_value(text, row, row->min));
    printf("\"max\": \"%s\", ", option_value(text, row, row->max));
  }
  printf("\"help\": \"%s\"}", row->help);
}

static void print_text(const struct brim_option *row, const char *initial, const char *value)
{
  char range[OPTION_TEXT];
  printf("BRIM_%s=%s", row->name, value);
  if (strcmp(value, initial) != 0)
    printf("  (default %s)", initial);
  printf("  [%s]\n    %s\n", option_range(range, row), row->help);
}

int cmd_options(int argc, char **argv)
{
  bool json = argc == 2 && !strcmp(argv[1], "--json");
  if (argc == 2 && !json && argv[1][0] == '-')
    return argument_unknown(argv[1]);
  if (argc != 1 && !json)
    return usage();
  environment_warn();
  struct brim_option row;
  for (size_t i = 0; brim_option_at(i, &row); i++) {
    char text[OPTION_TEXT];
    const char *initial = option_value(text, &row, row.initial), *given = environment_option(row.name);
    if (json)
      fputs(i ? ",\n" : "[\n", stdout);
    (json ? print_json : print_text)(&row, initial, given ? given : initial);
  }
  fputs(json ? "\n]\n" : "", stdout);
  return 0;
}
