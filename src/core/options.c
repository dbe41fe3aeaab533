#include "core/options.h"
#include "base/bits.h"
#include "base/print.h"
#include "base/texts.h"
#include "os/fault.h"
#include "os/os.h"

#include <string.h>

struct options brimi_options = {
#define OPTION(name, NAME, type, initial, min, max, choices, help) .name = (int64_t)(initial),
#include "core/options.def"
#undef OPTION
};

enum { NAME_ROOM = 15 };

/* In the order of struct options. Without pointers: each would be relocated at every start of a program. */
static const struct row {
  int64_t initial, min, max;
  uint8_t type; /* enum brim_option_type */
  char name[NAME_ROOM];
} rows[] = {
#define OPTION(name, NAME, type, initial, min, max, choices, help)                                                   \
  {(int64_t)(initial), min, (int64_t)(max), BRIM_OPTION_##type, #NAME},
#include "core/options.def"
#undef OPTION
};
#define OPTION(name, NAME, type, initial, min, max, choices, help)                                                   \
  _Static_assert(sizeof #NAME <= NAME_ROOM, "a name ends within its row");
#include "core/options.def"
#undef OPTION
_Static_assert(sizeof brimi_options == sizeof(int64_t[COUNT_OF(rows)]), "one number a row");

/* The choices and the help of each row, one behind the other. */
static const char texts[] =
#define OPTION(name, NAME, type, initial, min, max, choices, help) choices "\0" help "\0"
#include "core/options.def"
#undef OPTION
    ;

static const char *choices_of(const struct row *row) { return brimi_texts_at(texts, 2 * (size_t)(row - rows)); }

/* For each row that was taken from the environment, its BRIM_NAME=VALUE there. */
static const char *given[COUNT_OF(rows)];

static const char **given_of(const struct row *row) { return &given[row - rows]; }
static int64_t *value_of(const struct row *row) { return (int64_t *)&brimi_options + (row - rows); }

bool brim_option_at(size_t index, struct brim_option *option)
{
  if (index >= COUNT_OF(rows))
    return false;
  const struct row *row = &rows[index];
  const char *choices = choices_of(row);
  *option = (struct brim_option){.name = row->name,
                                 .type = row->type,
                                 .value = *value_of(row),
                                 .initial = row->initial,
                                 .min = row->min,
                                 .max = row->max,
                                 .choices = *choices ? choices : NULL,
                                 .help = brimi_texts_at(choices, 1)};
  return true;
}

/* Digits, and for bytes one of K, M, G behind them. Returns what is wrong, or NULL. */
static const char *parse_number(const struct row *row, const char *text, int64_t *value)
{
  const char *malformed =
      row->type == BRIM_OPTION_BYTES ? "not a number of bytes such as 131072, 128K, 1M or 1G" : "not a number";
  uint64_t number = 0;
  if (*text < '0' || *text > '9')
    return malformed;
  for (; *text >= '0' && *text <= '9'; text++)
    if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, *text - '0', &number))
      return "too large";
  unsigned shift = 0;
  if (row->type == BRIM_OPTION_BYTES && *text) {
    const char *suffixes = "KMGkmg", *suffix = strchr(suffixes, *text++);
    if (!suffix)
      return malformed;
    shift = 10 * (unsigned)((suffix - suffixes) % 3 + 1);
  }
  if (*text)
    return malformed;
  if (number > (uint64_t)row->max >> shift)
    return "too large";
  *value = (int64_t)(number << shift);
  return *value < row->min ? "too small" : NULL;
}

static const char *parse_choice(const struct row *row, const char *text, int64_t *value)
{
  size_t length = strlen(text);
  const char *choice = choices_of(row), *bar;
  for (int64_t i = 0; length > 0; i++, choice = bar + 1) {
    bar = strchr(choice, '|');
    if (!strncmp(choice, text, length) && (bar ? choice + length == bar : !choice[length])) {
      *value = i;
      return NULL;
    }
    if (!bar)
      break;
  }
  return "none of the choices";
}

static const char *parse_value(const struct row *row, const char *text, int64_t *value)
{
  return row->type == BRIM_OPTION_CHOICE ? parse_choice(row, text, value) : parse_number(row, text, value);
}

/* The row whose name is the first `length` characters of `name`. */
static const struct row *find_row(const char *name, size_t length)
{
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    if (strlen(rows[i].name) == length && !strncmp(rows[i].name, name, length))
      return &rows[i];
  return NULL;
}

const char *brim_option_check(const char *name, const char *text)
{
  const struct row *row = find_row(name, strlen(name));
  int64_t ignored;
  return row ? parse_value(row, text, &ignored) : "no such option";
}

static void warn(const char *assignment, const char *problem, const char *remedy)
{
  char buffer[512], beginning[256];
  struct text line = TEXT(buffer), shown = TEXT(beginning);
  brimi_print(&shown, "%s", assignment); /* as much of it as fits */
  brimi_print(&line, "brim: %s: %s%s\n", beginning, problem, remedy);
  brimi_os_write(buffer, line.length);
}

void brimi_options_read(char **environment)
{
  for (; environment && *environment; environment++) {
    const char *assignment = *environment;
    if (strncmp(assignment, "BRIM_", 5) != 0)
      continue;
    const char *name = assignment + 5, *equals = strchr(name, '=');
    if (!equals)
      continue;
    if (!strncmp(name, "FAULT=", 6)) {
      brimi_fault_configure(equals + 1);
      continue;
    }
    const struct row *row = find_row(name, (size_t)(equals - name));
    int64_t value;
    const char *problem = row ? parse_value(row, equals + 1, &value) : "no such option";
    if (problem) {
      warn(assignment, problem, row ? "; the default is used" : "; 'brim options' lists them");
      continue;
    }
    *value_of(row) = value;
    *given_of(row) = assignment;
  }
}

void brimi_options_set(const char *name, int64_t value)
{
  const struct row *row = find_row(name, strlen(name));
  *value_of(row) = value < row->min ? row->min : value > row->max ? row->max : value;
}

void brimi_options_announce(const char *library_path)
{
  char buffer[1024];
  struct text line = TEXT(buffer);
  brimi_print(&line, "brim: active, version " BRIM_VERSION_STRING ", %s", library_path);
  for (const struct row *row = rows; row < rows + COUNT_OF(rows); row++)
    if (*value_of(row) != row->initial && *given_of(row))
      brimi_print(&line, ", %s", *given_of(row));
  brimi_print(&line, "\n");
  brimi_os_write(buffer, line.length);
}
