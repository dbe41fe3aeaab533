#define _GNU_SOURCE
#include "core/init.h"
#include "core/fork.h"
#include "core/heap.h"
#include "core/options.h"
#include "core/stats.h"
#include "os/os.h"

#include <link.h>

static struct lock init_lock; /* taken before any other */
static _Atomic bool is_ready;

void brimi_init(void)
{
  /* acquire: pairs with the release below. */
  if (load_acquire(&is_ready))
    return;
  /* musl's pthread_atfork allocates: by then all but the fork handlers is ready. */
  if (brimi_lock_held_by(&init_lock, brimi_lock_token()))
    return;
  brimi_lock(&init_lock);
  if (!load_relaxed(&is_ready)) {
    brimi_os_init();
    brimi_sizeclass_init();
    brimi_options_read(brimi_os_environment());
    if (brimi_options.stats != STATS_OFF)
      brimi_os_keep_stderr();
    brimi_heap_init();
    brimi_fork_init();
    store_release(&is_ready, true);
  }
  brimi_unlock(&init_lock);
}

/* ---- the line of BRIM_VERBOSE and the statistics at the end: by the loader, once everything else is up ----------- */

/* Notes the path of the file that holds this code: the loaded object that has a segment around it. */
static int note_path(struct dl_phdr_info *object, size_t size, void *path)
{
  (void)size;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    uintptr_t offset = (uintptr_t)&note_path - object->dlpi_addr - segment->p_vaddr;
    if (segment->p_type != PT_LOAD || offset >= segment->p_memsz)
      continue;
    *(const char **)path = object->dlpi_name[0] ? object->dlpi_name : "linked into the program";
    return 1;
  }
  return 0;
}

__attribute__((constructor)) static void announce(void)
{
  brimi_init();
  if (!brimi_options.verbose)
    return;
  const char *path = "";
  dl_iterate_phdr(note_path, &path);
  brimi_options_announce(path);
}

__attribute__((destructor)) static void report(void)
{
  int64_t only = brimi_options.stats_pid;
  if (brimi_options.stats != STATS_OFF && (!only || only == brimi_os_process()))
    brimi_stats_report();
}
