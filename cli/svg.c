/* svg.c: a layout as a drawing: a column of boxes and gaps from low to high addresses, higher with each doubling of the size. */
#include "cli.h"
#include "draw.h"
#include "number.h"
#include "outfile.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* All in pixels. */
enum {
  WIDTH = 760,
  BOX_LEFT = 150,
  BOX_WIDTH = 330,
  TOP = 76,
  BASE_HEIGHT = 16, /* of a box of one page */
  STEP_HEIGHT = 2,  /* for each doubling more */
  FOOT = 62,
  NOTE_HEIGHT = 16,
  NAME_LETTERS = 47 /* letters that fit into a box */
};

struct fill {
  const char *light, *middle, *dark; /* not resident, resident and clean, dirty */
};
static const struct fill fills[REGION_KINDS] = {
    [REGION_GAP] = {"#ffffff", "#ffffff", "#ffffff"},     [REGION_PROGRAM] = {"#e3f4f6", "#a9dde3", "#5fb9c4"},
    [REGION_BREAK] = {"#fdf3d3", "#f8dd8b", "#e9b93c"},   [REGION_BRIM] = {"#e2f3df", "#abdba2", "#67b45a"},
    [REGION_MAPPING] = {"#f3e6f5", "#dbb5e2", "#b578c2"}, [REGION_FILE] = {"#f0f0f0", "#d6d6d6", "#b0b0b0"},
    [REGION_LIBRARY] = {"#e4eafa", "#b3c5f0", "#7391d8"}, [REGION_STACK] = {"#fbe5e1", "#f3b6aa", "#df7a66"},
    [REGION_KERNEL] = {"#ececec", "#d8d8d8", "#c0c0c0"},
};

static int height_of(const struct region *region) { return BASE_HEIGHT + STEP_HEIGHT * doublings(region->bytes); }

static void text_at(FILE *out, int x, int y, const char *attributes, const char *text)
{
  fprintf(out, "<text x=\"%d\" y=\"%d\" %s>", x, y, attributes);
  xml_text(out, text);
  fputs("</text>\n", out);
}

static void box(FILE *out, int x, int y, double width, int height, const char *fill, const char *more)
{
  fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"%s/>\n", x, y, width, height, fill,
          more);
}

static void draw_gap(FILE *out, const struct region *gap, int y)
{
  char text[sizeof gap->name + 16];
  int height = height_of(gap);
  for (int side = 0; side < 2; side++)
    fprintf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#999\" stroke-dasharray=\"2 3\"/>\n",
            BOX_LEFT + side * BOX_WIDTH, y, BOX_LEFT + side * BOX_WIDTH, y + height);
  snprintf(text, sizeof text, "%s, %s", brief_bytes(gap->bytes), gap->name);
  text_at(out, BOX_LEFT + BOX_WIDTH / 2, y + height / 2 + 4,
          "text-anchor=\"middle\" fill=\"#777\" font-style=\"italic\"", text);
}

static void draw_region(FILE *out, const struct region *region, int y, char mark)
{
  const struct fill *fill = &fills[region->kind];
  int height = height_of(region), middle = y + height / 2 + 4;
  double whole = (double)region->bytes;
  box(out, BOX_LEFT, y, BOX_WIDTH, height, fill->light, "");
  box(out, BOX_LEFT, y, BOX_WIDTH * (double)region->resident_bytes / whole, height, fill->middle, "");
  box(out, BOX_LEFT, y, BOX_WIDTH * (double)region->dirty_bytes / whole, height, fill->dark, "");
  box(out, BOX_LEFT, y, BOX_WIDTH, height, "none",
      mark == ' ' ? " stroke=\"#555\"" : " stroke=\"#c00000\" stroke-width=\"2\"");
  char text[sizeof region->name];
  text_at(out, BOX_LEFT + 8, middle, "", text_cut(text, sizeof text, region->name, NAME_LETTERS, "…"));
  snprintf(text, sizeof text, "%" PRIx64, region->start);
  text_at(out, BOX_LEFT - 8, y + 11, "text-anchor=\"end\" fill=\"#555\"", text);
  snprintf(text, sizeof text, "%s%s, resident %s, dirty %s", mark == '+' ? "new: " : "", brief_bytes(region->bytes),
           brief_bytes(region->resident_bytes), brief_bytes(region->dirty_bytes));
  text_at(out, BOX_LEFT + BOX_WIDTH + 10, middle, mark == ' ' ? "fill=\"#555\"" : "fill=\"#c00000\"", text);
}

static void draw_head(FILE *out, const struct layout *layout, const char *title, int height)
{
  char text[sizeof layout->program + 128];
  fprintf(out,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
          "font-family=\"DejaVu Sans Mono, Menlo, monospace\" font-size=\"11\">\n",
          WIDTH, height, WIDTH, height);
  box(out, 0, 0, WIDTH, height, "#ffffff", "");
  text_at(out, 20, 28, "font-size=\"15\" font-weight=\"bold\"", title);
  snprintf(text, sizeof text, "%s: %s mapped, %s resident, %s dirty%s. Low addresses are on top.", layout->program,
           brief_bytes(layout->mapped_bytes), brief_bytes(layout->resident_bytes), brief_bytes(layout->dirty_bytes),
           layout->on_brim ? ", on Brim" : "");
  text_at(out, 20, 50, "fill=\"#555\"", text);
}

static void draw_legend(FILE *out, int y, bool marks)
{
  const struct fill *fill = &fills[REGION_LIBRARY];
  const char *const words[] = {"dirty", "resident, clean", "not resident"};
  const char *const shades[] = {fill->dark, fill->middle, fill->light};
  int x = BOX_LEFT;
  for (int i = 0; i < 3; i++) {
    box(out, x, y, 12, 12, shades[i], " stroke=\"#555\"");
    text_at(out, x + 18, y + 10, "fill=\"#555\"", words[i]);
    x += 40 + 7 * (int)strlen(words[i]);
  }
  if (marks)
    text_at(out, x, y + 10, "fill=\"#c00000\"", "red: new or changed");
  text_at(out, BOX_LEFT, y + 30, "fill=\"#555\"", "Boxes and gaps are higher by 2 px for each doubling from 4K on.");
}

static void draw(FILE *out, const struct layout *layout, const struct layout *before, const char *title)
{
  const char *notes[NOTES_MAX];
  size_t notes_n = draw_notes(layout, notes);
  int height = TOP + FOOT + (int)notes_n * NOTE_HEIGHT;
  for (size_t i = 0; i < layout->count; i++)
    height += height_of(&layout->regions[i]);
  draw_head(out, layout, title, height);
  int y = TOP;
  for (size_t i = 0; i < layout->count; i++) {
    const struct region *region = &layout->regions[i];
    if (region->kind == REGION_GAP)
      draw_gap(out, region, y);
    else
      draw_region(out, region, y, (char)(before ? layout_change(before, region) : ' '));
    y += height_of(region);
  }
  draw_legend(out, y + 18, before != NULL);
  for (size_t i = 0; i < notes_n; i++)
    text_at(out, BOX_LEFT, y + FOOT + 2 + (int)i * NOTE_HEIGHT, "fill=\"#555\"", notes[i]);
  fputs("</svg>\n", out);
}

int draw_svg(const char *path, const struct layout *layout, const struct layout *before, const char *title)
{
  char *text = NULL;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  if (!out)
    return fail(EX_OSERR, "out of memory");
  draw(out, layout, before, title);
  int code = fclose(out) ? fail(EX_OSERR, "out of memory") : outfile_write(path, text, bytes);
  free(text);
  return code;
}
