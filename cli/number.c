/* number.c: see number.h. */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The power of 1024 that a suffix stands for, or -1. */
static int suffix_power(const char *suffix)
{
  static const char units[] = "KMGT";
  if (!*suffix || !strcmp(suffix, "B"))
    return 0;
  const char *unit = strchr(units, toupper((unsigned char)*suffix));
  if (!unit || (suffix[1] && strcmp(suffix + 1, "iB") != 0))
    return -1;
  return (int)(unit - units) + 1;
}

const char *parse_bytes(const char *text, uint64_t *bytes)
{
  if (!isdigit((unsigned char)*text))
    return "is not a size; write bytes as 200000, 0x30d40, 200K or 1MiB";
  char *end;
  errno = 0;
  int base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
  unsigned long long value = strtoull(text, &end, base);
  int power = suffix_power(end);
  if (power < 0)
    return *end == '.' ? "has a fraction; write whole units, such as 1536K for 1.5M"
                       : "has a unit that is not known; K, M, G and T (or KiB, MiB, ...) are";
  if (errno || (power && value > UINT64_MAX >> (10 * power)))
    return "is above 2^64 - 1, the largest size there is";
  *bytes = (uint64_t)value << (10 * power);
  return NULL;
}

enum { TEXTS = 8, TEXT_BYTES = 32 };
static char *next_text(void)
{
  static char texts[TEXTS][TEXT_BYTES];
  static unsigned next;
  return texts[next++ % TEXTS];
}

const char *grouped(uint64_t value)
{
  char *text = next_text() + TEXT_BYTES - 1;
  *text = '\0';
  for (int digits = 0; digits == 0 || value; digits++, value /= 10) {
    if (digits && digits % 3 == 0)
      *--text = ',';
    *--text = (char)('0' + value % 10);
  }
  return text;
}

const char *brief_bytes(uint64_t bytes)
{
  char *text = next_text();
  const char *unit = "BKMGTPE";
  double value = (double)bytes;
  while (value >= 1023.5 && unit[1]) {
    value /= 1024;
    unit++;
  }
  if (*unit == 'B')
    snprintf(text, TEXT_BYTES, "%llu", (unsigned long long)bytes);
  else
    snprintf(text, TEXT_BYTES, value < 9.95 && value != (unsigned)value ? "%.1f%c" : "%.0f%c", value, *unit);
  return text;
}
