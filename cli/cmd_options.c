/* cmd_options.c: `brim options` lists every option from the library's own table. */
#include "cli.h"

#include <brim/brim.h>
#include <stdio.h>
#include <string.h>

/* The value of a row as a user would write it in the environment. */
static void print_value(FILE *out, const struct brim_option *row, int64_t value)
{
  const char *choice = row->choices;
  switch (row->type) {
  case BRIM_OPTION_CHOICE:
    for (int64_t i = 0; i < value; i++)
      choice = strchr(choice, '|') + 1;
    fprintf(out, "%.*s", (int)strcspn(choice, "|"), choice);
    break;
  case BRIM_OPTION_BYTES:
    if (value && value % (1 << 20) == 0)
      fprintf(out, "%lldM", (long long)(value >> 20));
    else if (value && value % (1 << 10) == 0)
      fprintf(out, "%lldK", (long long)(value >> 10));
    else
      fprintf(out, "%lld", (long long)value);
    break;
  default:
    fprintf(out, "%lld", (long long)value);
  }
}

static void print_json(void)
{
  struct brim_option row;
  printf("[");
  for (size_t i = 0; brim_option_at(i, &row); i++) {
    printf("%s\n  {\"name\": \"BRIM_%s\", \"default\": \"", i ? "," : "", row.name);
    print_value(stdout, &row, row.initial);
    printf("\", \"value\": \"");
    print_value(stdout, &row, row.value);
    printf("\", \"help\": \"%s\"}", row.help);
  }
  printf("\n]\n");
}

int cmd_options(int argc, char **argv)
{
  if (argc == 2 && !strcmp(argv[1], "--json")) {
    print_json();
    return 0;
  }
  if (argc != 1)
    return usage();
  struct brim_option row;
  for (size_t i = 0; brim_option_at(i, &row); i++) {
    printf("BRIM_%s=", row.name);
    print_value(stdout, &row, row.value);
    if (row.value != row.initial) {
      printf("  (default ");
      print_value(stdout, &row, row.initial);
      printf(")");
    }
    if (row.choices)
      printf("  [%s]", row.choices);
    printf("\n    %s\n", row.help);
  }
  return 0;
}
