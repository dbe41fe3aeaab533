/* 2-protection.c: protection flags, and a guard page that catches an overflow
 *
 * docs/learn/2-mapping-pages.md */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <setjmp.h>
#include <signal.h>

static sigjmp_buf back;
static void *volatile fault_address;

/* Leaves the handler by a jump: to return would run the same store again. */
static void on_fault(int number, siginfo_t *info, void *context)
{
  (void)number;
  (void)context;
  fault_address = info->si_addr;
  siglongjmp(back, 1);
}

/* Tries to use a byte; true if the kernel let us. */
static bool can_read(volatile char *byte)
{
  if (sigsetjmp(back, 1))
    return false;
  (void)*byte;
  return true;
}
static bool can_write(volatile char *byte)
{
  if (sigsetjmp(back, 1))
    return false;
  *byte = 1;
  return true;
}

/* `bytes` usable ones between two pages that nobody may touch. The buffer ends exactly at the upper guard. */
static char *guarded(size_t bytes, size_t page)
{
  size_t inner = (bytes + page - 1) / page * page;
  char *all = mmap_or_exit(inner + 2 * page, PROT_NONE);
  mprotect_or_exit(all + page, inner, PROT_READ | PROT_WRITE);
  return all + page + inner - bytes;
}

int main(void)
{
  lab_begin();
  picture("before");
  size_t page = page_size();
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  if (sigaction(SIGSEGV, &action, NULL) != 0)
    give_up("sigaction");

  printf("Protection flags, one page at a time\n");
  char *memory = mmap_or_exit(page, PROT_READ | PROT_WRITE);
  expect(can_read(memory) && can_write(memory), "PROT_READ | PROT_WRITE: read and write");
  mprotect_or_exit(memory, page, PROT_READ);
  expect(can_read(memory) && !can_write(memory), "PROT_READ: read, but a write is SIGSEGV");
  mprotect_or_exit(memory, page, PROT_NONE);
  expect(!can_read(memory) && !can_write(memory), "PROT_NONE: neither, and the address stays ours");
  mprotect_or_exit(memory, page, PROT_READ | PROT_WRITE);
  expect(*memory == 1, "what was written is still there once it may be read again");

  printf("A buffer of 100 bytes with a guard page behind it\n");
  char *buffer = guarded(100, page);
  show_in_map("guard below", buffer + 100 - page - 1);
  show_in_map("buffer", buffer);
  show_in_map("guard above", buffer + 100);
  expect(can_write(&buffer[0]) && can_write(&buffer[99]), "bytes 0 to 99 can be written");
  expect(!can_write(&buffer[100]), "byte 100 can't: the first byte too much is caught");
  expect(fault_address == &buffer[100], "and the signal tells which address it was");
  picture("after");
  return lab_end();
}
