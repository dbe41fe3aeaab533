/* suite.c */
#define _GNU_SOURCE
#include "suite.h"
#include "cli.h"
#include "measure.h"
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Beside the executable (a build), in ../libexec (an installation, also a moved one), or under the PREFIX of the build. */
static bool find_folder(char path[PATH_MAX])
{
  return own_neighbour("bench", path) || own_neighbour("../libexec/brim/bench", path) ||
         realpath(BRIM_PREFIX "/libexec/brim/bench", path);
}

static void read_line(struct suite_case *row, const char *line, size_t length)
{
  const struct {
    const char *key;
    char *value;
    size_t size;
  } fields[] = {{"suite ", row->suite, sizeof row->suite}, {"help ", row->help, sizeof row->help},
                {"needs ", row->needs, sizeof row->needs}, {"quick ", row->quick, sizeof row->quick},
                {"full ", row->full, sizeof row->full},    {"memory ", row->memory, sizeof row->memory}};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    size_t key = strlen(fields[i].key);
    if (length > key && !strncmp(line, fields[i].key, key))
      snprintf(fields[i].value, fields[i].size, "%.*s", (int)(length - key), line + key);
  }
}

/* Asks the case for its description. */
static bool describe(struct suite_case *row)
{
  char *argv[] = {row->path, "--describe", NULL};
  struct run_request request = {.argv = argv, .preload = "", .keep_output = true, .timeout_s = 10};
  struct run_result result;
  run_measured(&request, &result);
  for (const char *line = result.output; line && *line;) {
    size_t length = strcspn(line, "\n");
    read_line(row, line, length);
    line += length + (line[length] == '\n');
  }
  bool good = !result.failure[0] && row->suite[0] && row->quick[0] && row->full[0];
  run_result_free(&result);
  return good;
}

static int compare_cases(const void *a, const void *b)
{
  const struct suite_case *x = a, *y = b;
  int order = strcmp(x->suite, y->suite);
  return order ? order : strcmp(x->name, y->name);
}

int suite_load(struct suite *suite)
{
  char folder[PATH_MAX];
  DIR *entries = find_folder(folder) ? opendir(folder) : NULL;
  if (!entries)
    return fail(EX_UNAVAILABLE,
                "the cases are neither beside %s nor in " BRIM_PREFIX "/libexec/brim/bench; 'make' builds them",
                own_path());
  for (struct dirent *entry; (entry = readdir(entries)) && suite->count < SUITE_CASES_MAX;) {
    struct suite_case *row = &suite->row[suite->count];
    *row = (struct suite_case){0};
    int name = snprintf(row->name, sizeof row->name, "%s", entry->d_name);
    int path = snprintf(row->path, sizeof row->path, "%s/%s", folder, entry->d_name);
    if (strchr(entry->d_name, '.') || name >= (int)sizeof row->name || path >= (int)sizeof row->path)
      continue;
    if (describe(row))
      suite->count++;
    else
      fail(0, "%s: does not describe itself; left out", row->path);
  }
  closedir(entries);
  qsort(suite->row, suite->count, sizeof suite->row[0], compare_cases);
  return 0;
}

bool suite_selects(const struct suite_case *row, int argc, char **argv)
{
  for (int i = 0; i < argc; i++)
    if (!strcmp(argv[i], row->name) || !strcmp(argv[i], row->suite))
      return true;
  return argc == 0;
}

static bool is_on_path(const char *program)
{
  char file[PATH_MAX];
  for (const char *path = getenv("PATH"); path; path = strchr(path, ':') ? strchr(path, ':') + 1 : NULL) {
    snprintf(file, sizeof file, "%.*s/%s", (int)strcspn(path, ":"), path, program);
    if (!access(file, X_OK))
      return true;
  }
  return false;
}

const char *suite_missing(const struct suite_case *row, char name[64])
{
  int length;
  for (const char *needs = row->needs; sscanf(needs, " %63s%n", name, &length) == 1; needs += length)
    if (!is_on_path(name))
      return name;
  return NULL;
}
