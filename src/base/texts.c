#include "base/texts.h"

#include <string.h>

const char *brimi_texts_at(const char *texts, size_t index)
{
  while (index-- > 0)
    texts += strlen(texts) + 1;
  return texts;
}
