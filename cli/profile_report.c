/* profile_report.c: a profile in 80 columns. Stacks that would look the same are joined: calls from two places in one line or,
 * where lines are not known, in one function. */
#include "cli.h"
#include "function_name.h"
#include "naming.h"
#include "number.h"
#include "profiled.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 8, WIDTH = 80, INDENT = 6, FILE_WIDTH = 40, LETTER = 4 /* bytes of one, at most */ };

static const char *const measure_text[MEASURES] = {"never freed", "at the peak", "in all"};

/* ---- Names ------------------------------------------------------------------------------------------------------- */

/* Takes what is inside <> out of a name of C++, or of Rust, where the name may begin with a type in <>. */
static void drop_arguments(char *name)
{
  char *to = name;
  int depth = 0;
  for (const char *from = name; *from; from++) {
    bool is_operator = to - name >= 8 && !strncmp(to - 8, "operator", 8);
    if (*from == '>' && depth && from[-1] != '-')
      depth--;
    if (!depth)
      *to++ = *from;
    if (*from == '<' && from > name && !is_operator)
      depth++;
  }
  *to = 0;
}

/* The name in at most `room` letters, less than WIDTH. */
static void print_name(FILE *out, const char *name, size_t room)
{
  char *text = strdup(name), cut[LETTER * WIDTH];
  if (!text)
    return;
  if (text_letters(text) > room)
    drop_arguments(text);
  if (text_letters(text) > room)
    text[function_name_length(text)] = '\0';
  plain_text(out, text_cut(cut, sizeof cut, text, room, "..."));
  free(text);
}

static void print_place(FILE *out, const struct place *place)
{
  char file[LETTER * FILE_WIDTH + 1], where[sizeof file + 16] = "";
  if (place->file)
    text_cut(file, sizeof file, naming_base(place->file), FILE_WIDTH, "...");
  if (place->file && place->line)
    snprintf(where, sizeof where, " %s:%u", file, place->line);
  else if (place->file)
    snprintf(where, sizeof where, " %s", file);
  fprintf(out, "%*s", INDENT, "");
  print_name(out, place->function, WIDTH - INDENT - text_letters(where));
  plain_text(out, where);
  fputc('\n', out);
}

/* Ends with main: what calls it is the same in every program. */
static void print_stack(FILE *out, const struct profiled *profiled, const struct profile_site *site)
{
  const struct place *places[SHOWN];
  size_t count = profiled_places(profiled, site, SHOWN, places, SHOWN);
  if (!count)
    fprintf(out, "%*s(not known)\n", INDENT, "");
  for (size_t i = 0; i < count && strncmp(places[i]->function, "__libc_start", 12) != 0; i++) {
    print_place(out, places[i]);
    if (!strcmp(places[i]->function, "main"))
      return;
  }
}

/* ---- Groups ------------------------------------------------------------------------------------------------------ */

struct group {
  char *stack; /* as it is shown */
  struct profile_sum sum;
};

static int compare_stacks(const void *a, const void *b)
{
  return strcmp(((const struct group *)a)->stack, ((const struct group *)b)->stack);
}

/* Largest first. */
static int compare_sums(const void *a, const void *b)
{
  const struct profile_sum *one = &((const struct group *)a)->sum, *other = &((const struct group *)b)->sum;
  if (one->bytes != other->bytes)
    return one->bytes < other->bytes ? 1 : -1;
  return one->blocks == other->blocks ? 0 : one->blocks < other->blocks ? 1 : -1;
}

/* The lines of a stack, to be freed; NULL if memory is out. */
static char *stack_text(const struct profiled *profiled, const struct profile_site *site)
{
  char *text = NULL;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  if (!out)
    return NULL;
  print_stack(out, profiled, site);
  return fclose(out) ? NULL : text;
}

/* Looks up the symbols of what is shown of each stack that has something. */
static void make_shown_symbols(struct profiled *profiled, enum measure by)
{
  const struct profile *profile = profiled->profile;
  for (uint32_t i = 0; i < profile->sites_n; i++)
    for (uint32_t j = 0;
         profiled_sum(profiled, &profile->sites[i], by).blocks && j < profile->sites[i].depth && j < SHOWN; j++)
      symbols_want(profiled->symbols, profile->sites[i].stack[j]);
  symbols_make(profiled->symbols);
}

/* Joins groups with the same stack. Returns how many are left, largest first. */
static size_t join(struct group *groups, size_t count)
{
  size_t kept = 0;
  if (!count)
    return 0;
  qsort(groups, count, sizeof *groups, compare_stacks);
  for (size_t i = 0; i < count; i++) {
    if (kept && !compare_stacks(&groups[kept - 1], &groups[i])) {
      groups[kept - 1].sum.bytes += groups[i].sum.bytes;
      groups[kept - 1].sum.blocks += groups[i].sum.blocks;
      free(groups[i].stack);
    } else {
      groups[kept++] = groups[i];
    }
  }
  qsort(groups, kept, sizeof *groups, compare_sums);
  return kept;
}

/* The groups that have something, largest first; freed by free_groups(). */
static struct group *make_groups(struct profiled *profiled, enum measure by, size_t *count)
{
  const struct profile *profile = profiled->profile;
  struct group *groups = calloc(profile->sites_n + 1, sizeof *groups);
  size_t sites = 0;
  make_shown_symbols(profiled, by);
  for (uint32_t i = 0; groups && i < profile->sites_n; i++) {
    struct group *group = &groups[sites];
    group->sum = profiled_sum(profiled, &profile->sites[i], by);
    if (group->sum.blocks && (group->stack = stack_text(profiled, &profile->sites[i])))
      sites++;
  }
  *count = join(groups, sites);
  return groups;
}

static void free_groups(struct group *groups, size_t count)
{
  for (size_t i = 0; i < count; i++)
    free(groups[i].stack);
  free(groups);
}

/* ---- The report -------------------------------------------------------------------------------------------------- */

static const char *plural(uint64_t blocks) { return blocks == 1 ? "block" : "blocks"; }

/* Estimates are rounded. */
static const char *bytes_text(const struct profiled *profiled, uint64_t bytes)
{
  return profiled->profile->rate > 1 ? brief_bytes(bytes) : grouped(bytes);
}

static void print_sum(FILE *out, const struct profiled *profiled, const char *what, struct profile_sum sum)
{
  fprintf(out, "  %-12s %15s bytes in %13s %s\n", what, bytes_text(profiled, sum.bytes),
          grouped(profiled_blocks(sum)), plural(profiled_blocks(sum)));
}

static void print_head(FILE *out, const struct profiled *profiled)
{
  const struct profile *profile = profiled->profile;
  char program[64];
  fprintf(out, "brim %s: ", command_name);
  plain_text(out, text_cut(program, sizeof program, profiled->program, 40, "..."));
  fprintf(out, ", process %d\n", (int)profiled->pid);
  if (profile->rate > 1)
    fprintf(out, "  estimates from %s samples, one in %s on average\n", grouped(profile->samples),
            brief_bytes(profile->rate));
  else
    fprintf(out, "  every block was recorded\n");
  for (int i = MEASURES; i-- > 0;)
    print_sum(out, profiled, measure_text[i], profiled_all(profiled, (enum measure)i));
}

/* What the numbers leave out. */
static void print_losses(FILE *out, const struct profiled *profiled)
{
  const struct profile *profile = profiled->profile;
  if (profiled->has_children)
    fprintf(out, "  it has started other processes, which were not recorded\n");
  if (profiled->left_out.blocks)
    print_sum(out, profiled, "left out", profiled->left_out);
  if (profile->lost.blocks) {
    print_sum(out, profiled, "not known", profile->lost);
    fprintf(out, "  when these were freed: more samples were live than --capacity %u\n", profile->blocks_max);
  }
  if (profile->other_samples)
    fprintf(out, "  %s samples have no stack: there are more than %u stacks\n", grouped(profile->other_samples),
            profile->sites_max);
}

static void print_group(FILE *out, const struct profiled *profiled, const struct group *group, uint64_t all)
{
  fprintf(out, "\n%15s bytes %5.1f%% %13s %s\n", bytes_text(profiled, group->sum.bytes),
          all ? 100.0 * (double)group->sum.bytes / (double)all : 0.0, grouped(profiled_blocks(group->sum)),
          plural(profiled_blocks(group->sum)));
  fputs(group->stack, out);
}

void profiled_print(struct profiled *profiled, enum measure by, unsigned top, FILE *out)
{
  size_t count = 0;
  uint64_t all = profiled_all(profiled, by).bytes;
  struct group *groups = top ? make_groups(profiled, by, &count) : NULL;
  size_t shown = count < top ? count : top;
  print_head(out, profiled);
  print_losses(out, profiled);
  if (shown)
    fprintf(out, "%s, by the stacks that allocated%s%s\n", measure_text[by], shown < count ? ", the first " : "",
            shown < count ? grouped(shown) : "");
  for (size_t i = 0; i < shown; i++)
    print_group(out, profiled, &groups[i], all);
  if (shown && symbols_lack_tool(profiled->symbols))
    fprintf(out, "\nfor names of functions install addr2line (binutils) or llvm-symbolizer\n");
  free_groups(groups, count);
}
