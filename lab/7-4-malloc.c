/* 7-4-malloc.c: malloc itself, whichever one it is, to compare with
 *
 * docs/learn/7-from-bump-to-malloc.md */
#define _DEFAULT_SOURCE
#include "7-measure.h"

static void *grab(size_t size) { return malloc(size); }
static void give(void *block) { free(block); }

int main(void) { return measure("4 malloc"); }
