/* plugin.so.c: a library whose blocks are freed by the program that loads it, and that frees the program's. */
#include <stdlib.h>
#include <string.h>

char *plugin_copy(const char *text);
void *plugin_grow(void *block, size_t size);
void plugin_free(void *block);

char *plugin_copy(const char *text) { return strdup(text); }
void *plugin_grow(void *block, size_t size) { return realloc(block, size); }
void plugin_free(void *block) { free(block); }
