/* print.h: text into a caller's buffer, without malloc, locale or errno. Pure. */
#ifndef BRIM_PRINT_H
#define BRIM_PRINT_H

#include "base/compiler.h"
#include <stddef.h>
#include <stdint.h>

/* INVARIANT: length < capacity; text[length] is 0. What does not fit is dropped. */
struct text {
  char *text;
  size_t capacity, length;
};

#define TEXT(buffer) ((struct text){.text = (buffer), .capacity = sizeof(buffer)})

void brimi_print_string(struct text *out, const char *string);
void brimi_print_span(struct text *out, const char *string, size_t length);
void brimi_print_decimal(struct text *out, uint64_t number);
void brimi_print_hex(struct text *out, uint64_t number); /* 0x... */
/* Right-aligned in `width` columns. */
void brimi_print_padded(struct text *out, uint64_t number, unsigned width);
/* Pads with blanks up to column `column`, counted from the last newline. */
void brimi_print_column(struct text *out, size_t column);

#endif
