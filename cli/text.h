/* text.h: names of programs and files, and what programs print, may hold any bytes. Each function writes them in a form that
 * its target can take. A letter that the target can't take becomes U+FFFD or, in plain text, a question mark. */
#ifndef BRIM_CLI_TEXT_H
#define BRIM_CLI_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/* Whether the locale of the user can show more than ASCII. */
bool shows_utf8(void);

/* As a JSON string, quotes included. */
void json_string(FILE *out, const char *text);

/* As the text of an element of HTML or XML. */
void xml_text(FILE *out, const char *text);

/* As lines for a terminal or a file, without anything that a terminal takes for a command. */
void plain_text(FILE *out, const char *text);

size_t text_letters(const char *text);

/* Copies what fits into `size` bytes and `columns` letters; what is cut ends with `mark`. Returns `cut`. */
const char *text_cut(char *cut, size_t size, const char *text, size_t columns, const char *mark);

#endif
