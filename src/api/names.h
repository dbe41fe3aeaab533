/* names.h: how a function gets its usual name beside the prefixed one. The API is compiled twice; only the objects of
 * libbrim.so and libbrim.a have the usual names. */
#ifndef BRIM_NAMES_H
#define BRIM_NAMES_H

#include "base/compiler.h"

#if BRIM_OVERRIDE
#define ALSO(usual, prefixed)                                                                                        \
  extern __typeof__(prefixed) usual ATTRIBUTES_OF(prefixed) __attribute__((alias(#prefixed), visibility("defaul"     \
                                                                                                        "t")));
#else
#define ALSO(usual, prefixed)
#endif

#endif
