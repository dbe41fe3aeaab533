/* profile_files.c: a profile for other programs to read: JSON, and the lines that flamegraph.pl and speedscope read. */
#include "cli.h"
#include "number.h"
#include "profiled.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Looks up the symbols of every stack. */
static void make_all_symbols(struct profiled *profiled)
{
  const struct profile *profile = profiled->profile;
  for (uint32_t i = 0; i < profile->sites_n; i++)
    for (uint32_t j = 0; j < profile->sites[i].depth; j++)
      symbols_want(profiled->symbols, profile->sites[i].stack[j]);
  symbols_make(profiled->symbols);
}

/* Closes the stream that writes the text. Returns the text, or NULL if memory ran out. */
static char *finish(FILE *out, char **text)
{
  bool failed = ferror(out);
  if (!fclose(out) && !failed)
    return *text;
  free(*text);
  return NULL;
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void json_sum(FILE *out, const char *name, struct profile_sum sum)
{
  fprintf(out, "\"%s_bytes\": %llu, \"%s_blocks\": %llu", name, (unsigned long long)sum.bytes, name,
          (unsigned long long)profiled_blocks(sum));
}

/* The three sums of one site. */
static void json_sums(FILE *out, const struct profiled *profiled, const struct profile_site *site)
{
  json_sum(out, "total", profiled_sum(profiled, site, BY_TOTAL));
  fputs(", ", out);
  json_sum(out, "peak", profiled_sum(profiled, site, BY_PEAK));
  fputs(", ", out);
  json_sum(out, "live", profiled_sum(profiled, site, BY_LIVE));
}

static void json_place(FILE *out, const struct symbol *symbol, const struct place *place)
{
  fputs("{\"function\": ", out);
  json_string(out, place->function);
  if (place->file) {
    fputs(", \"file\": ", out);
    json_string(out, place->file);
    fprintf(out, ", \"line\": %u", place->line);
  }
  if (symbol->module) {
    fputs(", \"module\": ", out);
    json_string(out, symbol->module);
  }
  fprintf(out, ", \"address\": \"0x%llx\"}", (unsigned long long)symbol->address);
}

static void json_stack(FILE *out, const struct profiled *profiled, const struct profile_site *site)
{
  const char *between = "";
  fputs("\"stack\": [", out);
  for (uint32_t i = 0; i < site->depth; i++) {
    const struct symbol *symbol = symbols_find(profiled->symbols, site->stack[i]);
    for (size_t j = 0; symbol && j < symbol->places_n; j++, between = ", ") {
      fputs(between, out);
      json_place(out, symbol, &symbol->places[j]);
    }
  }
  fputs("]", out);
}

char *profiled_json(struct profiled *profiled, size_t *bytes)
{
  const struct profile *profile = profiled->profile;
  const char *between = "\n";
  char *text = NULL;
  FILE *out = open_memstream(&text, bytes);
  if (!out)
    return NULL;
  make_all_symbols(profiled);
  fputs("{\"program\": ", out);
  json_string(out, profiled->program);
  fprintf(out, ", \"pid\": %d, \"exit_code\": %d, \"rate\": %llu, \"samples\": %llu,\n ", (int)profiled->pid,
          profiled->code, (unsigned long long)profile->rate, (unsigned long long)profile->samples);
  json_sum(out, "total", profiled_all(profiled, BY_TOTAL));
  fputs(", ", out);
  json_sum(out, "peak", profiled_all(profiled, BY_PEAK));
  fputs(", ", out);
  json_sum(out, "live", profiled_all(profiled, BY_LIVE));
  fputs(",\n ", out);
  json_sum(out, "left_out", profiled->left_out);
  fputs(", ", out);
  json_sum(out, "lost", profile->lost);
  fprintf(out, ", \"has_children\": %s", profiled->has_children ? "true" : "false");
  fprintf(out, ", \"samples_without_stack\": %llu,\n \"sites\": [", (unsigned long long)profile->other_samples);
  for (uint32_t i = 0; i < profile->sites_n; i++) {
    if (!profile->sites[i].total.blocks)
      continue;
    fprintf(out, "%s  {", between);
    json_sums(out, profiled, &profile->sites[i]);
    fputs(",\n   ", out);
    json_stack(out, profiled, &profile->sites[i]);
    fputs("}", out);
    between = ",\n";
  }
  fputs("]}\n", out);
  return finish(out, &text);
}

/* ---- Collapsed stacks -------------------------------------------------------------------------------------------- */

/* Replaces the letters that separate functions and lines. */
static void collapsed_name(FILE *out, const char *name)
{
  for (; *name; name++)
    fputc(*name == ';' ? ':' : *name == '\n' ? ' ' : *name, out);
}

static void collapsed_stack(FILE *out, const struct profiled *profiled, const struct profile_site *site)
{
  const struct place *places[16 * PROFILE_DEPTH];
  size_t count = profiled_places(profiled, site, PROFILE_DEPTH, places, sizeof places / sizeof places[0]);
  /* The outermost functions may be missing. */
  bool is_cut = site->depth == 0 || site->depth == PROFILE_DEPTH;
  fputs(is_cut ? "..." : "", out);
  for (size_t i = count; i-- > 0;) {
    fputs(is_cut || i + 1 < count ? ";" : "", out);
    collapsed_name(out, places[i]->function);
  }
}

char *profiled_collapsed(struct profiled *profiled, enum measure by, size_t *bytes)
{
  char *text = NULL;
  FILE *out = open_memstream(&text, bytes);
  if (!out)
    return NULL;
  make_all_symbols(profiled);
  for (uint32_t i = 0; i < profiled->profile->sites_n; i++) {
    const struct profile_site *site = &profiled->profile->sites[i];
    struct profile_sum sum = profiled_sum(profiled, site, by);
    if (!sum.bytes)
      continue;
    collapsed_stack(out, profiled, site);
    fprintf(out, " %llu\n", (unsigned long long)sum.bytes);
  }
  return finish(out, &text);
}
