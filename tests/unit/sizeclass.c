/* sizeclass.c: every size up to the threshold gets the smallest class that holds it, within the waste that is promised, and
 * the index of a block is exact for every offset in its slab. */
#include "tap.h"
#include "core/slab.h"

static size_t wrong_indices(unsigned sc)
{
  struct {
    struct slab slab;
    uint8_t states[8];
  } fake = {.slab = {.inverse = brimi_classes[sc].inverse}};
  size_t wrong = 0, bytes = brimi_classes[sc].bytes, index;
  for (size_t offset = 0; offset < (size_t)brimi_classes[sc].granules << GRANULE_SHIFT; offset++) {
    bool starts = brimi_block_index(fake.slab.inverse, offset, &index);
    wrong += starts != (offset % bytes == 0) || (starts && index != offset / bytes);
  }
  return wrong;
}

int main(void)
{
  brimi_sizeclass_init();
  size_t wrong = 0, wasteful = 0, misaligned = 0, indices = 0, slabs = 0;
  for (size_t size = 0; size <= CLASS_MAX_BYTES; size++) {
    unsigned sc = brimi_class_of(size);
    wrong += sc >= CLASSES || brimi_class_bytes(sc) < size || (sc > 1 && brimi_class_bytes(sc - 1) >= size);
    wasteful += size > 128 && (brimi_class_bytes(sc) - size) * 8 > size;
  }
  for (unsigned sc = 0; sc < CLASSES; sc++) {
    const struct class_info *info = &brimi_classes[sc];
    size_t span = (size_t)info->granules << GRANULE_SHIFT;
    misaligned += info->bytes % MIN_ALIGN != 0 || info->bytes != brimi_class_bytes(sc);
    slabs += info->blocks == 0 || (size_t)info->blocks * info->bytes > span ||
             span - (size_t)info->blocks * info->bytes > span / 8;
    indices += wrong_indices(sc);
  }
  ok(!wrong, "each size has the smallest class that holds it");
  ok(!wasteful, "above 128 bytes at most an eighth is wasted");
  ok(!misaligned, "every class keeps blocks aligned to 16 bytes");
  ok(!slabs, "a slab holds its blocks and leaves at most an eighth over");
  ok(!indices, "the index of a block is exact, and no other offset has one");
  return done_testing();
}
