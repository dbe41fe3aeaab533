/* brim.h: the allocator's own interface.
 *
 * Everything here is also what the program gets under the usual names (malloc, free, ...) when it links
 * libbrim.so or libbrim.a, or when libbrim.so is preloaded. Under the prefix it can live beside the C library's
 * malloc in one process: link libbrim-prefixed.a, which holds these names only. A block must go back to the
 * allocator that it came from. The break is then left to that malloc as soon as there is a second thread.
 *
 * Sizes are bytes. Every function may be called from any thread at any time, also before main() and after exit() has
 * begun; none is async-signal-safe unless it says so. Success never changes errno. */
#ifndef BRIM_BRIM_H
#define BRIM_BRIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BRIM_VERSION_MAJOR  0
#define BRIM_VERSION_MINOR  1
#define BRIM_VERSION_PATCH  0
#define BRIM_VERSION_STRING "0.1.0"
/* major * 10000 + minor * 100 + patch, of the header. */
#define BRIM_VERSION (BRIM_VERSION_MAJOR * 10000 + BRIM_VERSION_MINOR * 100 + BRIM_VERSION_PATCH)

#if defined(__GNUC__)
#define BRIM_API         __attribute__((visibility("default")))
#define BRIM_MALLOC_LIKE __attribute__((malloc, warn_unused_result))
#define BRIM_SIZE(...)   __attribute__((alloc_size(__VA_ARGS__)))
#else
#define BRIM_API
#define BRIM_MALLOC_LIKE
#define BRIM_SIZE(...)
#endif

/* The version of the library that runs, as BRIM_VERSION. */
BRIM_API int brim_version(void);

/* ---- C ----------------------------------------------------------------------------------------------------------
 * As in C23 and POSIX: NULL and ENOMEM when memory is out, when the size is above PTRDIFF_MAX, and when a product
 * overflows. Blocks are aligned to 16 bytes. A size of 0 gives a block of the smallest class. */
BRIM_API BRIM_MALLOC_LIKE BRIM_SIZE(1) void *brim_malloc(size_t size);
BRIM_API BRIM_MALLOC_LIKE BRIM_SIZE(1, 2) void *brim_calloc(size_t count, size_t size);
/* realloc(p, 0) frees p and returns NULL. A block that grows to at most brim_malloc_usable_size(p) does not move, if it has not
 * shrunk before; one that is to hold half of that or less, or shrinks to below BRIM_MMAP_THRESHOLD, may. */
BRIM_API BRIM_SIZE(2) void *brim_realloc(void *block, size_t size);
BRIM_API void brim_free(void *block);
/* The size and alignment are those that the block was asked for with; they are not needed and not trusted. */
BRIM_API void brim_free_sized(void *block, size_t size);
BRIM_API void brim_free_aligned_sized(void *block, size_t alignment, size_t size);
/* NULL and EINVAL unless alignment is a power of two. */
BRIM_API BRIM_MALLOC_LIKE BRIM_SIZE(2) void *brim_aligned_alloc(size_t alignment, size_t size);
/* The largest power of two that divides the address; 0 for NULL. Touches nothing. */
BRIM_API size_t brim_memalignment(const void *address);

/* ---- POSIX, BSD and glibc --------------------------------------------------------------------------------------- */

/* Returns 0, EINVAL (alignment not a power of two, or no multiple of sizeof(void *)) or ENOMEM; errno and *block are
 * left alone on failure. */
BRIM_API int brim_posix_memalign(void **block, size_t alignment, size_t size);
/* As glibc's: an alignment that is no power of two is rounded up to the next. */
BRIM_API BRIM_MALLOC_LIKE BRIM_SIZE(2) void *brim_memalign(size_t alignment, size_t size);
BRIM_API BRIM_MALLOC_LIKE BRIM_SIZE(1) void *brim_valloc(size_t size);
BRIM_API BRIM_MALLOC_LIKE void *brim_pvalloc(size_t size);
BRIM_API BRIM_SIZE(2, 3) void *brim_reallocarray(void *block, size_t count, size_t size);
/* As realloc, but frees the block when it fails. */
BRIM_API BRIM_SIZE(2) void *brim_reallocf(void *block, size_t size);
BRIM_API void brim_cfree(void *block);
/* Bytes that the caller may use; constant for the life of the block, but for brim_expand; 0 for NULL. See there for compilers that
 * check sizes. */
BRIM_API size_t brim_malloc_usable_size(void *block);

/* Gives free memory of all threads back to the system, but for what lies in the bins and open parcels of other threads.
 * Returns 1 if some went back, else 0. `pad` free bytes are kept at the top of the break heap, and of each piece of it that
 * is mapped. */
BRIM_API int brim_malloc_trim(size_t pad);
/* glibc's parameters. M_MMAP_THRESHOLD acts, and M_ARENA_MAX on threads that start later, as BRIM_HOSTS does; the rest are
 * accepted. Returns 1, or 0 for a value that can't be taken. */
BRIM_API int brim_mallopt(int parameter, int value);
/* struct mallinfo and struct mallinfo2 as in <malloc.h>; declared there under glibc, here by tag only: include it to call them. */
struct mallinfo;
struct mallinfo2;
#if defined(__clang__) /* warns in C++ of a tag that is returned */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wreturn-type-c-linkage"
#endif
BRIM_API struct mallinfo brim_mallinfo(void);
BRIM_API struct mallinfo2 brim_mallinfo2(void);
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
/* Prints the statistics to stderr. */
BRIM_API void brim_malloc_stats(void);
/* Prints the statistics as XML to the stream. Options must be 0, else EINVAL is returned. */
BRIM_API int brim_malloc_info(int options, FILE *stream);

/* ---- Brim's own ------------------------------------------------------------------------------------------------- */

/* The bytes that a block for `size` would have (its usable size); 0 if there can be no such block. */
BRIM_API size_t brim_good_size(size_t size);
/* Resizes the block where it is, to at least `size` bytes usable. Returns false, and changes nothing, if it can't. A compiler that
 * checks sizes (_FORTIFY_SOURCE) goes by the size that was asked for: before the program uses more of the block, it calls
 * block = brim_realloc(block, size), which moves nothing then. */
BRIM_API bool brim_expand(void *block, size_t size);
/* Whether `address` is a live block of this allocator. Reads no memory behind the address. A block that another thread
 * frees meanwhile may be reported either way. */
BRIM_API bool brim_owns(const void *address);

/* Where a request of a size goes. */
enum brim_source {
  BRIM_SOURCE_BREAK,   /* a block in a slab of the break heap */
  BRIM_SOURCE_MAPPING, /* a mapping of its own */
  BRIM_SOURCE_NONE     /* refused: too large */
};
struct brim_placement {
  enum brim_source source;
  unsigned size_class; /* index of the class; meaningful for BRIM_SOURCE_BREAK */
  size_t block_bytes;  /* what the block takes: class size, or pages */
  size_t slab_bytes;   /* of the slab that it is cut from; for a mapping the same as block_bytes */
  size_t slab_blocks;  /* blocks in that slab */
  size_t next_size;    /* the smallest size that is placed differently */
};
/* What malloc(size) would do, with the options of this process and, for the slab, the calling thread's heap as it is: the first
 * slabs of a size above 4 KiB are smaller than later ones. Allocates nothing. */
BRIM_API struct brim_placement brim_place(size_t size);

/* ---- Options ----------------------------------------------------------------------------------------------------
 * Read once, at the first allocation, from the environment: BRIM_<NAME>. Ignored in a program with raised privileges
 * (AT_SECURE). The rows are in src/core/options.def. */
enum brim_option_type { BRIM_OPTION_BOOL, BRIM_OPTION_NUMBER, BRIM_OPTION_BYTES, BRIM_OPTION_CHOICE };
struct brim_option {
  const char *name; /* in upper case, without BRIM_ */
  enum brim_option_type type;
  int64_t value;   /* in force, from the first allocation on; for a choice, its index */
  int64_t initial; /* the default */
  int64_t min, max;
  const char *choices; /* "abort|warn"; NULL for other types */
  const char *help;    /* one sentence, with the unit */
};
/* Fills in row `index` and returns true; false past the last row. */
BRIM_API bool brim_option_at(size_t index, struct brim_option *option);
/* Parses `text` as the value of option `name`. Returns NULL if it would be taken, else what is wrong with it, in words.
 * Sets nothing: options are frozen once the allocator runs. */
BRIM_API const char *brim_option_check(const char *name, const char *text);

/* ---- Statistics -------------------------------------------------------------------------------------------------
 * The rows are in src/core/stats.def. Read without stopping other threads: exact for what they are not changing. */
enum brim_stat_unit { BRIM_STAT_BYTES, BRIM_STAT_COUNT };
struct brim_stat {
  const char *name; /* "break_heap", ... */
  enum brim_stat_unit unit;
  uint64_t value;
  const char *help;
};
/* Takes a snapshot of up to `capacity` rows and returns how many rows there are. */
BRIM_API size_t brim_stats(struct brim_stat *rows, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
