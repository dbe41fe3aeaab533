/* text.c: see text.h. Text is UTF-8; a byte that is not part of any valid letter counts as an unknown letter. */
#define _GNU_SOURCE /* strcasestr */
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool shows_utf8(void)
{
  static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *value = getenv(names[i]);
    if (value && *value)
      return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
  }
  return false;
}

enum { UNKNOWN = 0xfffd, LAST = 0x10ffff };
#define UNKNOWN_UTF8 "\xef\xbf\xbd"

struct letter {
  uint32_t code; /* UNKNOWN if the bytes are not valid */
  size_t bytes;  /* at least 1 */
};

/* The first letter of a text that is not empty. */
static struct letter read_letter(const char *text)
{
  const struct letter unknown = {UNKNOWN, 1};
  unsigned char first = (unsigned char)*text;
  if (first < 0x80)
    return (struct letter){first, 1};
  size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc0 || first >= 0xf8)
    return unknown;
  uint32_t code = first & (0xffu >> (bytes + 1));
  for (size_t i = 1; i < bytes; i++) {
    if ((text[i] & 0xc0) != 0x80)
      return unknown;
    code = code << 6 | (text[i] & 0x3f);
  }
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  bool is_surrogate = code >= 0xd800 && code < 0xe000;
  return code < least[bytes] || code > LAST || is_surrogate ? unknown : (struct letter){code, bytes};
}

static bool is_control(uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

static void write_letter(FILE *out, const char *text, size_t bytes) { fwrite(text, 1, bytes, out); }

void json_string(FILE *out, const char *text)
{
  fputc('"', out);
  for (struct letter letter; *text; text += letter.bytes) {
    letter = read_letter(text);
    if (letter.code == '"' || letter.code == '\\')
      fprintf(out, "\\%c", (char)letter.code);
    else if (is_control(letter.code) || letter.code == UNKNOWN)
      fprintf(out, "\\u%04x", (unsigned)letter.code);
    else
      write_letter(out, text, letter.bytes);
  }
  fputc('"', out);
}

/* XML can't hold most controls, in any form. */
static bool is_in_xml(uint32_t code)
{
  return code == '\t' || code == '\n' || (!is_control(code) && code != 0xfffe && code != 0xffff && code != UNKNOWN);
}

void xml_text(FILE *out, const char *text)
{
  for (struct letter letter; *text; text += letter.bytes) {
    letter = read_letter(text);
    if (letter.code == '&')
      fputs("&amp;", out);
    else if (letter.code == '<')
      fputs("&lt;", out);
    else if (letter.code == '>')
      fputs("&gt;", out);
    else if (is_in_xml(letter.code))
      write_letter(out, text, letter.bytes);
    else
      fputs(UNKNOWN_UTF8, out);
  }
}

void plain_text(FILE *out, const char *text)
{
  for (struct letter letter; *text; text += letter.bytes) {
    letter = read_letter(text);
    bool plain = letter.code == '\n' || (!is_control(letter.code) && letter.code != UNKNOWN);
    write_letter(out, plain ? text : "?", plain ? letter.bytes : 1);
  }
}

size_t text_letters(const char *text)
{
  size_t letters = 0;
  for (; *text; text += read_letter(text).bytes)
    letters++;
  return letters;
}

const char *text_cut(char *cut, size_t size, const char *text, size_t columns, const char *mark)
{
  const size_t mark_letters = text_letters(mark);
  size_t letters = 0, used = 0, kept = 0; /* kept: what goes before the mark */
  for (struct letter letter; text[used]; used += letter.bytes) {
    letter = read_letter(text + used);
    if (++letters + mark_letters <= columns && used + letter.bytes + strlen(mark) < size)
      kept = used + letter.bytes;
    if (letters > columns || used + letter.bytes >= size) {
      snprintf(cut, size, "%.*s%s", (int)kept, text, mark);
      return cut;
    }
  }
  snprintf(cut, size, "%s", text);
  return cut;
}
