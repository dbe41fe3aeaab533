/* print.h: text into a caller's buffer, without malloc, locale or errno. Pure. */
#ifndef BRIM_PRINT_H
#define BRIM_PRINT_H

#include "base/compiler.h"
#include <stddef.h>

/* INVARIANT: length < capacity. What does not fit is dropped. */
struct text {
  char *text;
  size_t capacity, length;
};

#define TEXT(buffer) ((struct text){.text = (buffer), .capacity = sizeof(buffer)})

/* Appends as printf would, and a NUL behind it. It knows %s, %zu and %p, the first two also with a width that blanks
 * fill (%-9s, %9zu): of a number, at most 23. */
void brimi_print(struct text *out, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
