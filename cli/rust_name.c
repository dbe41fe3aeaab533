/* rust_name.c: see rust_name.h. Letters that no C++ name may hold are codes between two $; a :: among them is two dots. */
#include "rust_name.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_DIGITS = 16 };

/* Where "::h" and the hash begin, or NULL. LLVM says behind it which copy of the function it is. */
static char *find_hash(char *name)
{
  const char *copy = strstr(name, " (.llvm.");
  size_t length = copy ? (size_t)(copy - name) : strlen(name), tail = strlen("::h") + HASH_DIGITS;
  char *hash = name + length - tail;
  bool found = length > tail && !strncmp(hash, "::h", 3) && strspn(hash + 3, "0123456789abcdef") == HASH_DIGITS;
  return found ? hash : NULL;
}

/* The letter that stands for what begins at `code`, and how long that is; 0 if it stands for none. */
static char letter_of(const char *code, size_t *length)
{
  static const struct {
    const char *code;
    char letter;
  } letters[] = {{"$LT$", '<'}, {"$GT$", '>'}, {"$RF$", '&'}, {"$BP$", '*'},
                 {"$LP$", '('}, {"$RP$", ')'}, {"$C$", ','}};
  for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
    *length = strlen(letters[i].code);
    if (!strncmp(code, letters[i].code, *length))
      return letters[i].letter;
  }
  char *end;
  unsigned long letter = !strncmp(code, "$u", 2) ? strtoul(code + 2, &end, 16) : 0;
  if (letter < ' ' || letter > '~' || *end != '$')
    return 0;
  *length = (size_t)(end + 1 - code);
  return (char)letter;
}

void rust_name_tidy(char *name)
{
  char *to = name, *from = name, *hash = find_hash(name);
  if (!hash)
    return;
  *hash = '\0';
  while (*from) {
    size_t length = 1;
    char letter = letter_of(from, &length);
    if (letter) {
      *to++ = letter;
      from += length;
    } else if (!strncmp(from, "..", 2)) {
      *to++ = ':';
      *to++ = ':';
      from += 2;
    } else if (*from == '_' && from[1] == '$' && (from == name || from[-1] == ':')) {
      from++; /* the compiler puts it before a $ at the start of a part */
    } else {
      *to++ = *from++;
    }
  }
  *to = '\0';
}
