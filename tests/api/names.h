/* names.h: the allocator's functions under the names that the program is built for: the plain ones, which libbrim.so
 * or libbrim.a provides, or with BRIM_PREFIXED the brim_ ones of libbrim-prefixed.a. */
#ifndef BRIM_TESTS_NAMES_H
#define BRIM_TESTS_NAMES_H

#include <malloc.h>
#include <stdlib.h>
#include <brim/brim.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef BRIM_PREFIXED
#define malloc             brim_malloc
#define calloc             brim_calloc
#define realloc            brim_realloc
#define free               brim_free
#define free_sized         brim_free_sized
#define free_aligned_sized brim_free_aligned_sized
#define aligned_alloc      brim_aligned_alloc
#define memalignment       brim_memalignment
#define posix_memalign     brim_posix_memalign
#define memalign           brim_memalign
#define valloc             brim_valloc
#define pvalloc            brim_pvalloc
#define reallocarray       brim_reallocarray
#define reallocf           brim_reallocf
#define cfree              brim_cfree
#define malloc_usable_size brim_malloc_usable_size
#define malloc_trim        brim_malloc_trim
#define mallopt            brim_mallopt
/* With parentheses: the structs have the same names. */
#define mallinfo()   brim_mallinfo()
#define mallinfo2()  brim_mallinfo2()
#define malloc_stats brim_malloc_stats
#define malloc_info  brim_malloc_info
#else
/* Those that the C library's headers don't declare. */
void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t alignment, size_t size);
size_t memalignment(const void *address);
void *reallocf(void *block, size_t size);
void cfree(void *block);
#ifndef __GLIBC__
void *pvalloc(size_t size);
int malloc_trim(size_t pad);
int mallopt(int parameter, int value);
void malloc_stats(void);
int malloc_info(int options, FILE *stream);
#endif
#endif

#ifdef BRIM_PRELOADED
/* Nothing that is linked has these names: the preloaded library brings them. */
#pragma weak brim_version
#pragma weak brim_good_size
#pragma weak brim_expand
#pragma weak brim_owns
#pragma weak brim_place
#pragma weak brim_option_at
#pragma weak brim_option_check
#pragma weak brim_stats
#pragma weak free_sized
#pragma weak free_aligned_sized
#pragma weak memalignment
#pragma weak reallocf
#pragma weak cfree
#endif

#ifdef __cplusplus
}
#endif

#ifndef M_MMAP_THRESHOLD
#define M_MMAP_THRESHOLD -3 /* glibc's number; musl has none */
#endif

/* The default border between the break heap and mappings. */
enum { THRESHOLD = 128 << 10, PAGE = 4096 };

#endif
