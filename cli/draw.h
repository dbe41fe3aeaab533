/* draw.h: pictures of a layout. */
#ifndef BRIM_CLI_DRAW_H
#define BRIM_CLI_DRAW_H

#include "layout.h"

#include <stdio.h>

/* One line for each region, with a bar of one cell per doubling of the size, for terminals of 80 columns; elsewhere names are
 * not cut. With `before`, marks regions that are new or different. In colour if `out` is a terminal and NO_COLOR is unset. */
void draw_text(FILE *out, const struct layout *layout, const struct layout *before);
void draw_json(FILE *out, const struct layout *layout);
/* Writes a file (outfile.h); `title` is printed above the picture. 0, or the exit code after fail(). */
int draw_svg(const char *path, const struct layout *layout, const struct layout *before, const char *title);

/* Lines for below either picture, about what a picture can't show. Returns how many there are. */
enum { NOTES_MAX = 4 };
size_t draw_notes(const struct layout *layout, const char *notes[NOTES_MAX]);

/* Doublings from 4 KiB up to `bytes`, at least 1: 4 KiB is 1, 8 KiB is 2, 1 MiB is 9. The scale of both pictures. */
int doublings(uint64_t bytes);

#endif
