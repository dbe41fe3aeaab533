/* profile_keep.c: what a program holds at its end that is not a leak of its own. */
#include "function_name.h"
#include "naming.h"
#include "profiled.h"

#include <string.h>

/* Buffers of streams, the lists of atexit(), locales: functions of the C library that keep what they allocate. And what Rust's
 * does before main. */
static const char *const keepers[] = {"_IO_file_doallocate", "__new_exitfn",   "setlocale",     "tzset",
                                      "textdomain",          "bindtextdomain", "std::rt::init", NULL};

/* Not the program's: what glibc's loader itself allocates for what is loaded, and for threads, whose stacks are kept. */
static const char *const loaders[] = {"ld-linux", NULL};

/* What these allocate with nothing else on the stack is not the program's, such as libstdc++'s reserve for exceptions. */
static const char *const libraries[] = {"libc.so.", "libc++.so.", "libstdc++.so.", "libgcc_s.so.",
                                        "libm.so.", "ld-linux",   "ld-musl",       NULL};

/* Whether the file's name begins with one of the list. */
static bool is_one_of(const char *module, const char *const *list)
{
  for (; module && *list; list++)
    if (!strncmp(naming_base(module), *list, strlen(*list)))
      return true;
  return false;
}

/* Whether the first `length` bytes of the name are one of the list. */
static bool is_listed(const char *name, size_t length, const char *const *list)
{
  for (; *list; list++)
    if (strlen(*list) == length && !memcmp(name, *list, length))
      return true;
  return false;
}

static bool is_file_listed(const char *path, const char *const *list)
{
  return path && is_listed(naming_base(path), strlen(naming_base(path)), list);
}

static bool is_function_listed(const char *function, const char *const *list)
{
  return is_listed(function, strlen(function), list) || is_listed(function, function_name_length(function), list);
}

/* Whether the list has a function, with or without its parameters, its source file or its module. */
static bool is_named(const struct symbol *symbol, const char *const *list)
{
  bool found = is_file_listed(symbol->module, list);
  for (size_t i = 0; i < symbol->places_n && !found; i++)
    found = is_function_listed(symbol->places[i].function, list) || is_file_listed(symbol->places[i].file, list);
  return found;
}

static bool is_kept(const struct profiled *profiled, const struct profile_site *site, const char *const *names)
{
  bool in_libraries = site->depth > 0;
  for (uint32_t i = 0; i < site->depth; i++) {
    const struct symbol *symbol = symbols_find(profiled->symbols, site->stack[i]);
    if (symbol &&
        (is_named(symbol, keepers) || is_named(symbol, names) || (!i && is_one_of(symbol->module, loaders))))
      return true;
    in_libraries = in_libraries && symbol && is_one_of(symbol->module, libraries);
  }
  return in_libraries;
}

void profiled_leave_out(struct profiled *profiled, const char *const *names)
{
  struct profile *profile = profiled->profile;
  for (uint32_t i = 0; i < profile->sites_n; i++)
    for (uint32_t j = 0; profile->sites[i].live.blocks && j < profile->sites[i].depth; j++)
      symbols_want(profiled->symbols, profile->sites[i].stack[j]);
  symbols_make(profiled->symbols);
  for (uint32_t i = 0; i < profile->sites_n; i++) {
    struct profile_site *site = &profile->sites[i];
    if (!site->live.blocks || !is_kept(profiled, site, names))
      continue;
    site->at_peak = profile_at_peak(profile, site);
    site->peak_number = profile->peak_number;
    profiled->left_out.bytes += site->live.bytes;
    profiled->left_out.blocks += site->live.blocks;
    site->live = (struct profile_sum){0, 0};
  }
}
