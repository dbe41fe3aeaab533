#include "core/alloc.h"
#include "core/bins.h"
#include "core/fastpath.h"
#include "core/init.h"
#include "core/large.h"
#include "core/mail.h"
#include "core/misuse.h"
#include "core/options.h"
#include "core/purge.h"
#include "core/reentry.h"

#include <string.h>

static inline bool is_large(size_t size)
{
  return size >= CLASS_MAX_BYTES || size >= (size_t)brimi_options.mmap_threshold;
}

static inline void count_call(struct heap *heap, enum call call)
{
  if (heap->counted_bins)
    bump_relaxed(&heap->calls[call], 1);
}

/* This thread's heap, made if need be; the empty one if it can have none. */
static struct heap *my_heap(void)
{
  if (likely(brimi_heap_mine() != &brimi_front.empty))
    return brimi_heap_mine();
  brimi_init();
  brimi_heap_attach();
  return brimi_heap_mine();
}

/* ---- malloc ------------------------------------------------------------------------------------------------------ */

/* For a thread without a heap, or a class without a bin: straight from a slab. */
static void *take_one(struct heap *heap, unsigned sc, _Atomic uint8_t **state)
{
  struct entry entry;
  struct bin bin = {&entry, &entry};
  return heap && brimi_heap_take(heap, sc, &entry, 1, true) ? brimi_bin_pop(&bin, state) : NULL;
}

static void *take_block(struct heap *heap, unsigned sc, _Atomic uint8_t **state)
{
  if (heap == &brimi_front.empty)
    return take_one(brimi_heap_shared(), sc, state);
  void *block = brimi_bin_pop(&heap->filled[sc], state);
  if (block)
    return block;
  return brimi_bin_refill(heap, sc) ? brimi_bin_pop(&heap->filled[sc], state) : take_one(heap, sc, state);
}

/* The class of a size, or NO_CLASS. Asked once for each call: the threshold may change at any time. */
static inline unsigned class_for(size_t size) { return is_large(size) ? NO_CLASS : brimi_class_of(size); }

/* A block of the class, or a large one; *is_zero says whether it reads as zero. Not on the fast path. */
static void *allocate(size_t size, unsigned sc, size_t alignment, enum call call, bool *is_zero)
{
  _Atomic uint8_t *state;
  if (unlikely(!brimi_enter()))
    return brimi_large_alloc_apart(size, alignment, is_zero);
  struct heap *heap = my_heap();
  count_call(heap, call);
  void *block = NULL;
  if (sc == NO_CLASS) {
    block = brimi_large_alloc(heap, size, alignment, is_zero);
  } else {
    block = take_block(heap, sc, &state);
    if (!block && brimi_purge_all(0))
      block = take_block(heap, sc, &state);
    *is_zero = block && brimi_go_live(state);
  }
  brimi_leave();
  return block;
}

void *brimi_malloc_slow(size_t size)
{
  bool is_zero;
  return allocate(size, class_for(size), MIN_ALIGN, CALL_MALLOC, &is_zero);
}

void *brimi_calloc_slow(size_t bytes)
{
  bool is_zero;
  void *block = allocate(bytes, class_for(bytes), MIN_ALIGN, CALL_CALLOC, &is_zero);
  if (!block || is_zero)
    return block;
  return is_large(bytes) ? brimi_large_clear(block, bytes) : memset(block, 0, bytes);
}

/* `padded` as in brimi_aligned; if it wrapped around, it is not used. */
static NOINLINE void *aligned_slow(size_t alignment, size_t size, size_t padded)
{
  bool is_zero;
  if (size > PTRDIFF_MAX - alignment)
    return NULL;
  unsigned sc = alignment <= GRANULE ? class_for(padded) : NO_CLASS;
  return allocate(size, sc, alignment, CALL_ALIGNED, &is_zero);
}

/* Slabs start at a granule, so a block is aligned if the size of its class is a multiple of the alignment. If the
 * request is such a multiple, so is its class: where classes are at least the alignment apart, all of them are
 * multiples, and where they are closer, the request is a class itself. */
void *brimi_aligned(size_t alignment, size_t size)
{
  size_t padded = align_up(max_size(size, 1), alignment);
  void *block = alignment <= GRANULE && size <= padded ? brimi_malloc_bin(padded) : NULL;
  return likely(block != NULL) ? block : aligned_slow(alignment, size, padded);
}

/* ---- free -------------------------------------------------------------------------------------------------------- */

void brimi_free_unknown(void *block)
{
  if (block)
    brimi_misuse("free()", block);
}

/* All that this needs is in the page map's entry: the slab's record may be far. */
void brimi_free_entered(void *block, struct bin *bin, _Atomic uint8_t *state)
{
  /* In a handler that interrupted this thread inside the allocator: the block stays with the program for good. */
  if (unlikely(!brimi_enter()))
    return;
  /* A thread that never allocates gets a heap, too: to send blocks in parcels. */
  struct heap *heap = my_heap();
  count_call(heap, CALL_FREE);
  if (bin == BIN_NONE) {
    brimi_large_free(heap, brimi_slab_of(state));
  } else if (brimi_bin_heap(bin) == heap->host) {
    store_relaxed(state, STATE_CACHED);
    brimi_bin_push(heap, brimi_bin_class(bin), (struct entry){block, state});
  } else if (likely(heap != &brimi_front.empty)) {
    brimi_mail_send(heap, bin, block, state);
  } else {
    store_relaxed(state, STATE_SENT);
    brimi_heap_give(&(struct entry){block, state}, 1);
  }
  brimi_leave();
}

/* Most blocks that come here are another thread's. */
static ALWAYS_INLINE bool pack(void *block, const struct bin *bin, _Atomic uint8_t *state)
{
  struct heap *heap = brimi_heap_mine();
  if (unlikely(heap->counted_bins || !brimi_enter()))
    return false;
  bool packed = brimi_mail_pack(heap, bin, block, state);
  brimi_leave();
  return packed;
}

/* free_large and free_foreign end with a jump, so that the first slot or a parcel takes the block without a stack frame. */
void brimi_free_large(void *block, _Atomic uint8_t *state)
{
  struct heap *heap = brimi_heap_mine();
  struct slab *slab = brimi_slab_of(state);
  size_t bytes = slab->bytes; /* once it is in the slot, purge.c may have it */
  if (slab->granules || !brimi_large_keep_first(heap, slab, heap->slot_max))
    brimi_free_entered(block, BIN_NONE, state);
  else if (bytes >= PURGE_MUCH)
    brimi_purge_see_to();
}

void brimi_free_full(void *block, struct bin *own, _Atomic uint8_t *state)
{
  brimi_free_entered(block, (struct bin *)((uintptr_t)own - brimi_mine.bins + brimi_mine.host_bins), state);
}

void brimi_free_foreign(void *block, uintptr_t distance, _Atomic uint8_t *state)
{
  struct bin *bin = (struct bin *)(brimi_mine.host_bins + distance);
  if (unlikely(bin == BIN_NONE))
    brimi_free_large(block, state);
  else if (!pack(block, bin, state))
    brimi_free_entered(block, bin, state);
}

/* ---- realloc ----------------------------------------------------------------------------------------------------- */

size_t brimi_block_bytes(size_t size)
{
  return is_large(size) ? brimi_large_bytes(size) : brimi_class_bytes(brimi_class_of(size));
}

/* A block that grows by a small step will most likely grow again: it gets room for three eighths more, so that most
 * such steps copy nothing. Large blocks get their room in brimi_large_resize. */
static size_t with_room(size_t old, size_t size)
{
  size_t roomy = old + old / 4 + old / 8;
  return size > old && size <= roomy && !is_large(roomy) ? roomy : size;
}

static void *move(void *block, size_t old, size_t size, struct bin *bin, _Atomic uint8_t *state)
{
  /* For a large block, realloc_large has asked already. Not in brimi_realloc_slow, which thus needs no stack frame. */
  if (bin != BIN_NONE && brimi_regrow_keeps(block, old, size))
    return block;
  size_t roomy = with_room(old, size);
  void *copy = brimi_malloc_bin(roomy);
  if (unlikely(!copy) && !(copy = brimi_malloc_slow(roomy)) && !(copy = brimi_malloc_slow(size)))
    return size <= old ? block : NULL;
  memcpy(copy, block, min_size(old, size));
  brimi_regrow_note(copy, old, size);
  brimi_free_found(block, bin, state);
  return copy;
}

/* NULL also for a handler that interrupted this thread inside the allocator. */
static void *resize_large(_Atomic uint8_t *state, size_t size, bool may_move)
{
  if (unlikely(!brimi_enter()))
    return NULL;
  void *resized = brimi_large_resize(brimi_slab_of(state), size, may_move);
  brimi_leave();
  return resized;
}

/* Apart, so that a slab's block gets to move() without a stack frame. */
static NOINLINE void *realloc_large(void *block, size_t size, _Atomic uint8_t *state)
{
  size_t old = brimi_slab_of(state)->usable;
  /* The first holds only while calls are counted: else brimi_realloc_stays has seen it. Asked also for a size that
   * has a class, since a block may be large for its alignment. */
  if (old - size < brimi_page_bytes || brimi_regrow_keeps(block, old, size))
    return block;
  void *resized = is_large(size) ? resize_large(state, size, true) : NULL;
  if (!resized)
    return move(block, old, size, BIN_NONE, state);
  brimi_regrow_note(resized, old, size);
  return resized;
}

void *brimi_realloc_slow(void *block, size_t size, struct bin *bin, _Atomic uint8_t *state)
{
  if (size > PTRDIFF_MAX)
    return NULL;
  count_call(brimi_heap_mine(), CALL_REALLOC);
  if (unlikely(bin == BIN_NONE))
    return realloc_large(block, size, state);
  size_t old = brimi_classes[brimi_bin_class(bin)].bytes;
  return brimi_stays(old, size) ? block : move(block, old, size, bin, state);
}

bool brimi_expand(void *block, size_t size)
{
  struct bin *bin;
  _Atomic uint8_t *state;
  if (size > PTRDIFF_MAX || !brimi_find_live(block, &bin, &state))
    return false;
  return bin == BIN_NONE ? resize_large(state, size, false) != NULL : size <= brimi_bytes_of(bin, state);
}

void brimi_set_threshold(int64_t bytes)
{
  brimi_options_set("MMAP_THRESHOLD", bytes);
  if (!brimi_enter())
    return;
  if (brimi_heap_mine() != &brimi_front.empty)
    brimi_bins_flush(brimi_heap_mine());
  brimi_leave();
}
