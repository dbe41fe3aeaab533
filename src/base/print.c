#include "base/print.h"

#include <stdarg.h>
#include <stdint.h>

enum { NUMBER_MAX = 23 };

static void put(struct text *out, char c)
{
  if (out->length + 1 < out->capacity)
    out->text[out->length++] = c;
}

/* Blanks behind it fill `width`. */
static void put_string(struct text *out, const char *string, size_t width)
{
  for (; *string; string++, width -= width > 0)
    put(out, *string);
  for (; width > 0; width--)
    put(out, ' ');
}

/* Blanks in front of it fill `width`. */
static void put_number(struct text *out, uintptr_t number, unsigned base, size_t width)
{
  char digits[NUMBER_MAX + 1] = "", *const end = digits + NUMBER_MAX, *first = end;
  do {
    *--first = "0123456789abcdef"[number % base];
    number /= base;
  } while (number);
  while (first > digits && first > end - width)
    *--first = ' ';
  put_string(out, first, 0);
}

void brimi_print(struct text *out, const char *format, ...)
{
  va_list values;
  va_start(values, format);
  for (; *format; format++) {
    if (*format != '%') {
      put(out, *format);
      continue;
    }
    format += format[1] == '-' ? 2 : 1;
    size_t width = 0;
    while (*format >= '0' && *format <= '9')
      width = width * 10 + (size_t)(*format++ - '0');
    if (*format == 's') {
      put_string(out, va_arg(values, const char *), width);
    } else if (*format == 'p') {
      put_string(out, "0x", 0);
      put_number(out, (uintptr_t)va_arg(values, void *), 16, 0);
    } else {
      put_number(out, va_arg(values, size_t), 10, width);
      format++; /* zu */
    }
  }
  va_end(values);
  out->text[out->length] = 0;
}
