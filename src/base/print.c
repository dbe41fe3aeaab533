#include "base/print.h"

void brimi_print_span(struct text *out, const char *string, size_t length)
{
  for (size_t i = 0; i < length && out->length + 1 < out->capacity; i++)
    out->text[out->length++] = string[i];
  if (out->capacity)
    out->text[out->length] = 0;
}

void brimi_print_string(struct text *out, const char *string)
{
  size_t length = 0;
  while (string[length])
    length++;
  brimi_print_span(out, string, length);
}

static void print_number(struct text *out, uint64_t number, unsigned base, unsigned width)
{
  char digits[24];
  size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number);
  while (sizeof digits - at < width && at > 0)
    digits[--at] = ' ';
  brimi_print_span(out, digits + at, sizeof digits - at);
}

void brimi_print_decimal(struct text *out, uint64_t number) { print_number(out, number, 10, 0); }

void brimi_print_hex(struct text *out, uint64_t number)
{
  brimi_print_string(out, "0x");
  print_number(out, number, 16, 0);
}

void brimi_print_padded(struct text *out, uint64_t number, unsigned width) { print_number(out, number, 10, width); }

void brimi_print_column(struct text *out, size_t column)
{
  size_t line = out->length;
  while (line > 0 && out->text[line - 1] != '\n')
    line--;
  while (out->length - line < column && out->length + 1 < out->capacity)
    brimi_print_span(out, " ", 1);
}
