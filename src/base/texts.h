/* texts.h: strings one behind the other, each with its NUL. A table of pointers to them would be relocated at every start
 * of a program; one array of characters is not. Pure. */
#ifndef BRIM_TEXTS_H
#define BRIM_TEXTS_H

#include <stddef.h>

/* String number `index`, from 0 on. There are at least so many. */
const char *brimi_texts_at(const char *texts, size_t index);

#endif
