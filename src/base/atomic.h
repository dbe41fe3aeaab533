/* atomic.h: atomic operations with the memory order in the name. There is no default order: each use says which it
 * needs, and a comment there names its partner. */
#ifndef BRIM_ATOMIC_H
#define BRIM_ATOMIC_H

#include "base/compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define load_relaxed(object)            atomic_load_explicit(object, memory_order_relaxed)
#define load_acquire(object)            atomic_load_explicit(object, memory_order_acquire)
#define store_relaxed(object, value)    atomic_store_explicit(object, value, memory_order_relaxed)
#define store_release(object, value)    atomic_store_explicit(object, value, memory_order_release)
#define exchange_acquire(object, value) atomic_exchange_explicit(object, value, memory_order_acquire)
#define exchange_release(object, value) atomic_exchange_explicit(object, value, memory_order_release)
#define exchange_acq_rel(object, value) atomic_exchange_explicit(object, value, memory_order_acq_rel)
/* Takes what a pointer holds and leaves NULL. If it holds NULL, it is left alone: the exchange would cost as much as any. */
#define take_acquire(object)       (load_relaxed(object) ? exchange_acquire(object, NULL) : NULL)
#define add_relaxed(object, value) atomic_fetch_add_explicit(object, value, memory_order_relaxed)
#define sub_relaxed(object, value) atomic_fetch_sub_explicit(object, value, memory_order_relaxed)
/* On failure *expected is what was found, read with the weaker of the two orders. */
#define cas_acquire(object, expected, value)                                                                         \
  atomic_compare_exchange_strong_explicit(object, expected, value, memory_order_acquire, memory_order_relaxed)
/* May fail though the value is as expected: for loops. */
#define cas_weak_release(object, expected, value)                                                                    \
  atomic_compare_exchange_weak_explicit(object, expected, value, memory_order_release, memory_order_relaxed)
#define cas_acq_rel(object, expected, value)                                                                         \
  atomic_compare_exchange_strong_explicit(object, expected, value, memory_order_acq_rel, memory_order_acquire)

/* A relaxed load that the compiler may fold into another instruction: gcc makes one of its own of each atomic load. */
#if SANITIZES_THREADS
#define load_folded(object) load_relaxed(object)
#else
#define load_folded(object) (*(__typeof__((void)0, *(object)) *)(void *)(object))
#endif
/* An acquire load of that kind, where the processor's loads are all acquire: complete with the fence behind it, which is for the
 * compiler only, and true. */
#if defined(__x86_64__) && !SANITIZES_THREADS
#define load_fenced(object) load_folded(object)
#define fence_acquire()     (atomic_thread_fence(memory_order_acquire), true)
#else
#define load_fenced(object) load_acquire(object)
#define fence_acquire()     true
#endif

/* A counter with one writer at a time, read by anyone: no read-modify-write is needed. */
#define bump_relaxed(object, amount) store_relaxed(object, load_relaxed(object) + (amount))

#endif
