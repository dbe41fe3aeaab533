/* draw.c: a layout as lines of text and as JSON. */
#include "draw.h"
#include "number.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_CELLS = 18, NAME_LETTERS = 26 };

/* What the terminal can show: cells of a bar, the codes that colour them, and how much of a name. */
struct style {
  size_t name_letters;
  const char *dirty, *clean, *absent, *gap, *more;
  const char *const *colours, *off;
};

static const char *const no_colours[REGION_KINDS] = {"", "", "", "", "", "", "", "", ""};
static const char *const colours[REGION_KINDS] = {
    [REGION_GAP] = "\033[2m",      [REGION_PROGRAM] = "\033[36m", [REGION_BREAK] = "\033[33m",
    [REGION_BRIM] = "\033[32m",    [REGION_MAPPING] = "\033[35m", [REGION_FILE] = "\033[37m",
    [REGION_LIBRARY] = "\033[34m", [REGION_STACK] = "\033[31m",   [REGION_KERNEL] = "\033[2m",
};

static struct style style_for(FILE *out)
{
  struct style style = shows_utf8()
                           ? (struct style){.dirty = "█", .clean = "▒", .absent = "░", .gap = "·", .more = "…"}
                           : (struct style){.dirty = "#", .clean = "+", .absent = "-", .gap = ".", .more = ">"};
  const char *terminal = getenv("TERM"), *plain = getenv("NO_COLOR");
  bool terminal_is_there = isatty(fileno(out));
  bool colour = terminal_is_there && !(plain && *plain) && terminal && strcmp(terminal, "dumb") != 0;
  style.colours = colour ? colours : no_colours;
  style.name_letters = terminal_is_there ? NAME_LETTERS : NAME_MAX;
  style.off = colour ? "\033[0m" : "";
  return style;
}

int doublings(uint64_t bytes)
{
  int n = 1;
  while (bytes > 4096) {
    bytes = bytes / 2 + bytes % 2;
    n++;
  }
  return n;
}

static int min(int a, int b) { return a < b ? a : b; }

/* `part` of `whole` in cells of a bar: at least one cell for anything at all. */
static int share(uint64_t part, uint64_t whole, int cells)
{
  int n = (int)((double)part / (double)whole * cells + 0.5);
  return part && !n ? 1 : min(n, cells);
}

static void draw_bar(FILE *out, const struct style *style, const struct region *region)
{
  int wanted = doublings(region->bytes), cells = min(wanted, BAR_CELLS);
  int resident = share(region->resident_bytes, region->bytes, cells);
  int dirty = min(share(region->dirty_bytes, region->bytes, cells), resident);
  for (int i = 0; i < cells; i++)
    fputs(i == BAR_CELLS - 1 && wanted > BAR_CELLS ? style->more
          : region->kind == REGION_GAP             ? style->gap
          : i < dirty                              ? style->dirty
          : i < resident                           ? style->clean
                                                   : style->absent,
          out);
  fprintf(out, "%*s", BAR_CELLS - cells, "");
}

static void draw_row(FILE *out, const struct style *style, const struct region *region, char mark)
{
  fprintf(out, "%c%12" PRIx64 " %6s ", mark, region->start, brief_bytes(region->bytes));
  if (region->kind == REGION_GAP)
    fprintf(out, "%6s %6s ", "", "");
  else
    fprintf(out, "%6s %6s ", brief_bytes(region->resident_bytes), brief_bytes(region->dirty_bytes));
  fputs(style->colours[region->kind], out);
  draw_bar(out, style, region);
  char name[sizeof region->name];
  fputc(' ', out);
  plain_text(out, text_cut(name, sizeof name, region->name, style->name_letters, style->more));
  fprintf(out, "%s\n", style->off);
}

size_t draw_notes(const struct layout *layout, const char *notes[NOTES_MAX])
{
  static char peak[80];
  size_t count = 0;
  snprintf(peak, sizeof peak, "For a moment too short to be drawn, %s were resident.",
           brief_bytes(layout->peak_bytes));
  if (layout->peak_bytes / 10 * 9 > layout->resident_bytes)
    notes[count++] = peak;
  if (layout->has_children)
    notes[count++] = "It has started other processes, which are not in the picture.";
  if (layout->on_brim && !layout->brim_is_known) {
    notes[count++] = "Brim's mappings are told by their look here. They have names with";
    notes[count++] = "BRIM_NAME_MAPPINGS=1, on a kernel that keeps them (CONFIG_ANON_VMA_NAME).";
  }
  return count;
}

void draw_text(FILE *out, const struct layout *layout, const struct layout *before)
{
  struct style style = style_for(out);
  plain_text(out, layout->program);
  if (layout->pid)
    fprintf(out, " (%d)", (int)layout->pid);
  fprintf(out, ": %s mapped, %s resident, %s dirty%s\n", brief_bytes(layout->mapped_bytes),
          brief_bytes(layout->resident_bytes), brief_bytes(layout->dirty_bytes), layout->on_brim ? ", on Brim" : "");
  fprintf(out, "%13s %6s %6s %6s %-*s what\n", "from", "size", "resid.", "dirty", BAR_CELLS, "1 cell = 2x, 4K up");
  for (size_t i = 0; i < layout->count; i++) {
    const struct region *region = &layout->regions[i];
    draw_row(out, &style, region, (char)(before && region->kind != REGION_GAP ? layout_change(before, region) : ' '));
  }
  fprintf(out, "%13" PRIx64 " the end   %s dirty  %s resident, clean  %s not resident  %s unmapped\n",
          layout->regions[layout->count - 1].end, style.dirty, style.clean, style.absent, style.gap);
  const char *notes[NOTES_MAX];
  size_t count = draw_notes(layout, notes);
  for (size_t i = 0; i < count; i++)
    fprintf(out, "%s\n", notes[i]);
}

void draw_json(FILE *out, const struct layout *layout)
{
  fprintf(out, "{\"pid\": %d, \"program\": ", (int)layout->pid);
  json_string(out, layout->program);
  fprintf(out,
          ", \"on_brim\": %s, \"page_bytes\": %ld, \"mapped_bytes\": %" PRIu64 ", \"resident_bytes\": %" PRIu64
          ", \"dirty_bytes\": %" PRIu64,
          layout->on_brim ? "true" : "false", sysconf(_SC_PAGESIZE), layout->mapped_bytes, layout->resident_bytes,
          layout->dirty_bytes);
  if (layout->peak_bytes)
    fprintf(out, ", \"peak_resident_bytes\": %" PRIu64, layout->peak_bytes);
  if (layout->has_children)
    fputs(", \"has_children\": true", out);
  fputs(", \"regions\": [", out);
  for (size_t i = 0; i < layout->count; i++) {
    const struct region *region = &layout->regions[i];
    fprintf(out, "%s\n  {\"start\": \"0x%" PRIx64 "\", \"end\": \"0x%" PRIx64 "\", \"kind\": \"%s\", \"name\": ",
            i ? "," : "", region->start, region->end, region_kind_name(region->kind));
    json_string(out, region->name);
    fprintf(out, ", \"bytes\": %" PRIu64, region->bytes);
    if (region->kind != REGION_GAP) {
      fprintf(out, ", \"resident_bytes\": %" PRIu64 ", \"dirty_bytes\": %" PRIu64 ", \"areas\": %u",
              region->resident_bytes, region->dirty_bytes, region->areas_n);
      if (*region->permissions)
        fprintf(out, ", \"permissions\": \"%s\"", region->permissions);
    }
    fprintf(out, "}");
  }
  fprintf(out, "\n]}\n");
}
