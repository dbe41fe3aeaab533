/* own_malloc.h: whose malloc an executable brings. Its own goes before that of any library, preloaded or not. */
#ifndef BRIM_CLI_OWN_MALLOC_H
#define BRIM_CLI_OWN_MALLOC_H

enum own_malloc {
  OWN_MALLOC_NONE, /* a library's serves it; also the answer for a file that can't be read */
  OWN_MALLOC_BRIM, /* linked with libbrim.a, statically as a whole or not */
  OWN_MALLOC_SANITIZER, /* that of a sanitizer's library. Another in front ends the program, hides leaks or makes up races */
  OWN_MALLOC_OTHER
};

enum own_malloc own_malloc(const char *path);

#endif
