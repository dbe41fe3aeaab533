/* brim.h: the allocator's own interface.
 *
 * A program that links libbrim.so or libbrim.a, or into which libbrim.so is preloaded, gets the malloc family below
 * under the usual names (malloc, free, ...), too. To use Brim beside the C library's malloc in one process, link
 * libbrim-prefixed.a, which holds these names only; Brim then leaves the break to that malloc as soon as there is a
 * second thread. A block must go back to the allocator that it came from.
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
#define BRIM_SIZE(n)     __attribute__((alloc_size(n)))
#define BRIM_SIZES(n, m) __attribute__((alloc_size(n, m)))
#else
#define BRIM_API
#define BRIM_MALLOC_LIKE
#define BRIM_SIZE(n)
#define BRIM_SIZES(n, m)
#endif

/* The version of the running library, in the form of BRIM_VERSION. */
BRIM_API int brim_version(void);

/* ---- C ----------------------------------------------------------------------------------------------------------
 * As in C23 and POSIX: NULL and ENOMEM when memory is out, when the size is above PTRDIFF_MAX, and when a product
 * overflows. Blocks are aligned to 16 bytes. A size of 0 gives a block of the smallest class. */
BRIM_API BRIM_MALLOC_LIKE BRIM_SIZE(1) void *brim_malloc(size_t size);
BRIM_API BRIM_MALLOC_LIKE BRIM_SIZES(1, 2) void *brim_calloc(size_t count, size_t size);
/* realloc(p, 0) frees p and returns NULL. A block that has never shrunk does not move while it grows within
 * brim_malloc_usable_size(p). Any block may move when it is resized to half of that or less, and a large one when it
 * shrinks below BRIM_MMAP_THRESHOLD. */
BRIM_API BRIM_SIZE(2) void *brim_realloc(void *block, size_t size);
BRIM_API void brim_free(void *block);
/* The size and alignment are those of the request; they are neither needed nor trusted. */
BRIM_API void brim_free_sized(void *block, size_t size);
BRIM_API void brim_free_aligned_sized(void *block, size_t alignment, size_t size);
/* NULL and EINVAL unless alignment is a power of two. */
BRIM_API BRIM_MALLOC_LIKE BRIM_SIZE(2) void *brim_aligned_alloc(size_t alignment, size_t size);
/* The largest power of two that divides the address; 0 for NULL. Reads no memory. */
BRIM_API size_t brim_memalignment(const void *address);

/* ---- POSIX, BSD and glibc --------------------------------------------------------------------------------------- */

/* Returns 0, EINVAL (alignment not a power of two, or no multiple of sizeof(void *)) or ENOMEM; errno and *block are
 * left alone on failure. */
BRIM_API int brim_posix_memalign(void **block, size_t alignment, size_t size);
/* As glibc's: an alignment that is no power of two is rounded up to the next. */
BRIM_API BRIM_MALLOC_LIKE BRIM_SIZE(2) void *brim_memalign(size_t alignment, size_t size);
BRIM_API BRIM_MALLOC_LIKE BRIM_SIZE(1) void *brim_valloc(size_t size);
BRIM_API BRIM_MALLOC_LIKE void *brim_pvalloc(size_t size);
BRIM_API BRIM_SIZES(2, 3) void *brim_reallocarray(void *block, size_t count, size_t size);
/* As realloc, but frees the block when it fails. */
BRIM_API BRIM_SIZE(2) void *brim_reallocf(void *block, size_t size);
BRIM_API void brim_cfree(void *block);
/* Bytes that the caller may use; 0 for NULL. Only brim_expand changes the number while the block lives; see there
 * about compilers that check sizes. */
BRIM_API size_t brim_malloc_usable_size(void *block);

/* Gives the free memory of all threads back to the system, except what other threads hold in their bins and open
 * parcels. Returns 1 if some went back, else 0. Keeps `pad` free bytes at the top of the break heap, and at the end
 * of each mapped piece of it. */
BRIM_API int brim_malloc_trim(size_t pad);
/* Takes glibc's parameters. M_MMAP_THRESHOLD takes effect; M_ARENA_MAX acts as BRIM_HOSTS on threads that start later; the
 * rest are accepted and ignored. A value outside the option's range counts as the nearest one in it; a negative one is
 * above all others, as in glibc. Returns 1. */
BRIM_API int brim_mallopt(int parameter, int value);
/* struct mallinfo and struct mallinfo2 are those of glibc's <malloc.h>; include that to call these functions. Here
 * only the tags are declared. ordblks and smblks, which count free chunks, are 0, and so is usmblks. */
struct mallinfo;
struct mallinfo2;
#if defined(__clang__) /* in C++ it warns about returning an incomplete type */
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
/* Prints the statistics as XML to the stream. Returns 0, EINVAL if `options` is not 0, or the errno of a failed write. */
BRIM_API int brim_malloc_info(int options, FILE *stream);

/* ---- Brim's own ------------------------------------------------------------------------------------------------- */

/* The usable size that a block for `size` bytes would have; 0 if there can be no such block. */
BRIM_API size_t brim_good_size(size_t size);
/* Resizes the block in place, to at least `size` usable bytes. Returns false, and changes nothing, if it can't. A
 * compiler that checks sizes (_FORTIFY_SOURCE) knows only the size that was asked for: before the program uses more
 * of the block, it calls block = brim_realloc(block, size), which then moves nothing. */
BRIM_API bool brim_expand(void *block, size_t size);
/* Whether a live block of this allocator starts at `address`. Does not read the memory there. A block that another
 * thread frees meanwhile may be reported either way. */
BRIM_API bool brim_owns(const void *address);

/* Where a request is served from. */
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
/* What malloc(size) would do with the options of this process. The slab is the one that the calling thread's heap
 * would make now: the first slabs of a size above 4 KiB are smaller than later ones. Allocates nothing. */
BRIM_API struct brim_placement brim_place(size_t size);

/* ---- Options ----------------------------------------------------------------------------------------------------
 * Read once from the environment, as BRIM_<NAME>, at the first allocation. Ignored in a program with raised
 * privileges (AT_SECURE). The rows are in src/core/options.def. */
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
/* Parses `text` as the value of option `name`. Returns NULL if it is valid, else what is wrong with it, in words.
 * Sets nothing: options are frozen once the allocator runs. */
BRIM_API const char *brim_option_check(const char *name, const char *text);

/* ---- Statistics -------------------------------------------------------------------------------------------------
 * The rows are in src/core/stats.def. They are read without stopping other threads, and are exact for what those do
 * not change meanwhile. */
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
