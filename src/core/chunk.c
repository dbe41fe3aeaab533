#include "core/chunk.h"
#include "core/fastpath.h"
#include "core/init.h"
#include "core/large.h"
#include "core/reentry.h"

void *brimi_chunk_alloc(size_t bytes)
{
  if (bytes < CLASS_MAX_BYTES)
    return brimi_malloc_slow(bytes);
  brimi_init();
  bool is_zero;
  if (!brimi_enter())
    return brimi_large_alloc_apart(bytes, MIN_ALIGN, &is_zero);
  void *chunk = brimi_large_alloc_break(bytes);
  brimi_leave();
  return chunk;
}

void brimi_chunk_free(void *chunk)
{
  struct bin *bin;
  _Atomic uint8_t *state;
  if (likely(brimi_find_live(chunk, &bin, &state)))
    brimi_free_entered(chunk, bin, state);
  else
    brimi_free_unknown(chunk);
}
