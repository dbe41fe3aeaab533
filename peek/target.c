/* target.c: see target.h. */
#define _GNU_SOURCE
#include "target.h"

#include "core/heap.h"
#include "core/meta.h"
#include "core/pagemap.h"
#include "core/runs.h"
#include "os/os.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

/* The sizes tell whether the structs are those of this build; 0: any size will do. */
static const struct {
  const char *file, *name;
  uint64_t bytes;
} wanted[TARGET_VARIABLES] = {
    [FIRST_HEAP] = {"heap.c", "first_heap", sizeof(struct heap *)},
    [FIRST_EXTENT] = {"runs.c", "first_extent", sizeof(struct extent)},
    [CLASSES_TABLE] = {NULL, "brimi_classes", sizeof brimi_classes},
    [FRONT] = {NULL, "brimi_front", sizeof(struct front)},
    [MAPPED_N] = {NULL, "brimi_large_mapped_n", sizeof(size_t)},
    [MAPPED_BYTES] = {NULL, "brimi_large_mapped_bytes", sizeof(size_t)},
    [BREAK_BYTES] = {"large.c", "break_bytes", sizeof(size_t)},
    [POOL_BYTES] = {NULL, "brimi_pool_bytes", sizeof(size_t)},
    [META_BYTES] = {"meta.c", "area_bytes", sizeof(size_t)},
    [META_FIRST] = {"meta.c", "first_records", 0},
    [META_SPACE] = {"meta.c", "space", sizeof(struct meta_space)},
    [CALLS_OF_SYSTEM] = {"os_mem.c", "calls", sizeof(uint64_t[OS_CALLS])},
    [PAGE_MAP] = {NULL, "brimi_pagemap", sizeof(struct pagemap)},
    [BIN_ENTRIES] = {NULL, "brimi_bin_entries", sizeof brimi_bin_entries},
};

enum peek_result target_open(struct target *target, pid_t pid, const char *path, uint64_t bias)
{
  static const enum peek_result results[] = {PEEK_READ, PEEK_NO_FILE, PEEK_STRIPPED, PEEK_OTHER};
  *target = (struct target){.pid = pid};
  for (int i = 0; i < TARGET_VARIABLES; i++)
    target->variables[i] = (struct variable){.file = wanted[i].file, .name = wanted[i].name};
  target->result = results[variables_find(path, target->variables, TARGET_VARIABLES)];
  for (int i = 0; i < TARGET_VARIABLES && target->result == PEEK_READ; i++) {
    target->variables[i].address += bias;
    if (wanted[i].bytes && wanted[i].bytes != target->variables[i].bytes)
      target->result = PEEK_OTHER;
  }
  return target->result;
}

void target_copy(struct target *target, uint64_t address, void *bytes, size_t size)
{
  struct iovec to = {bytes, size}, from = {(void *)(uintptr_t)address, size};
  if (target->result == PEEK_READ && process_vm_readv(target->pid, &to, 1, &from, 1, 0) != (ssize_t)size)
    target->result = errno == EPERM ? PEEK_FORBIDDEN : PEEK_GONE;
  if (target->result != PEEK_READ)
    memset(bytes, 0, size);
}

void target_variable(struct target *target, enum target_variable which, void *bytes, size_t size)
{
  target_copy(target, target->variables[which].address, bytes, size);
}

uint64_t target_number(struct target *target, enum target_variable which)
{
  uint64_t value = 0;
  target_variable(target, which, &value, sizeof value);
  return value;
}
