/* sizeclass.c: every size up to the threshold gets the smallest class that holds it, within the waste that is promised, and
 * the index of a block is exact for every offset in its slab. */
#include "tap.h"
#include "core/slab.h"

static size_t wrong_indices(unsigned sc)
{
  struct {
    struct slab slab;
    uint8_t states[8];
  } fake = {.slab = {.inverse = brimi_inverse(brimi_classes[sc].bytes)}};
  size_t wrong = 0, bytes = brimi_classes[sc].bytes, index;
  for (size_t offset = 0; offset < (size_t)brimi_classes[sc].granules << GRANULE_SHIFT; offset++) {
    bool starts = brimi_block_index(fake.slab.inverse, offset, &index);
    wrong += starts != (offset % bytes == 0) || (starts && index != offset / bytes);
  }
  return wrong;
}

/* Whether the entries of the class's bin, with the sentinel below, are in the right tier at each limit, and belong to no other. */
static bool has_places(unsigned sc)
{
  static char taken[1 << 16];
  const struct class_info *info = &brimi_classes[sc];
  bool has = true;
  for (unsigned limit = 1; limit <= info->bin_max; limit++) {
    unsigned first = info->entries[brimi_bin_tier(limit)], tier = brimi_bin_tier_at(first);
    bool is_last = limit == info->bin_max || brimi_bin_tier(limit + 1) != brimi_bin_tier(limit);
    has &= info->entries[tier] == first && brimi_bin_tier_at(first + limit) == tier;
    for (unsigned i = first; is_last && i <= first + limit; i++)
      has &= !taken[i]++ && i < brimi_bin_entries;
  }
  return has;
}

int main(void)
{
  brimi_sizeclass_init();
  bool have_places = true;
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
    have_places &= has_places(sc);
  }
  ok(!wrong, "each size has the smallest class that holds it");
  ok(!wasteful, "above 128 bytes at most an eighth is wasted");
  ok(!misaligned, "every class keeps blocks aligned to 16 bytes");
  ok(!slabs, "a slab holds its blocks and leaves at most an eighth over");
  ok(!indices, "the index of a block is exact, and no other offset has one");
  ok(have_places, "the entries of each bin have a place in each tier");
  return done_testing();
}
