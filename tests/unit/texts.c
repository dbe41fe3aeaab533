/* texts.c: finds each string in a row of them, even an empty one. */
#include "tap.h"
#include "base/texts.h"

int main(void)
{
  static const char texts[] = "one\0\0three\0";
  ok(!strcmp(brimi_texts_at(texts, 0), "one"), "the first");
  ok(!strcmp(brimi_texts_at(texts, 1), ""), "an empty one");
  ok(!strcmp(brimi_texts_at(texts, 2), "three"), "the last");
  return done_testing();
}
