/* preload.c: see preload.h. preload_check() names the cases in which a preload would silently fail: the loader (ld.so(8))
 * ignores LD_PRELOAD, there is no loader, or the program does not use the library's malloc. */
#define _GNU_SOURCE
#include "preload.h"
#include "cli.h"
#include "elf.h"
#include "own_malloc.h"
#include "process.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* ---- The library ------------------------------------------------------------------------------------------------ */

const char *preload_library(void)
{
  static char path[PATH_MAX];
  static const char *const beside[] = {"libbrim.so", BRIM_WAY_TO_LIB "/libbrim.so.0"};
  for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
    if (own_neighbour(beside[i], path))
      return path;
  return realpath(BRIM_LIBDIR "/libbrim.so.0", path);
}

int preload_set(const char *library)
{
  const char *before = getenv("LD_PRELOAD");
  if (strpbrk(library, " :"))
    return fail(EX_OSFILE, "LD_PRELOAD can't hold the path '%s': move Brim to one without spaces and colons",
                library);
  char *list = NULL;
  bool join = before && *before;
  if (asprintf(&list, "%s%s%s", library, join ? ":" : "", join ? before : "") < 0 || setenv("LD_PRELOAD", list, 1))
    return fail(EX_OSERR, "%s", strerror(errno));
  free(list);
  return 0;
}

/* ---- The program ------------------------------------------------------------------------------------------------ */

/* The errno with which execve() would refuse the file; 0 if it would not. */
static int refusal(const char *path)
{
  struct stat status;
  if (stat(path, &status))
    return errno;
  return !S_ISREG(status.st_mode) || eaccess(path, X_OK) ? EACCES : 0;
}

int program_find(const char *name, char path[PATH_MAX])
{
  if (strchr(name, '/') || !*name) {
    if (snprintf(path, PATH_MAX, "%s", name) >= PATH_MAX)
      return ENAMETOOLONG;
    return refusal(path);
  }
  const char *list = getenv("PATH");
  if (!list)
    list = "/bin:/usr/bin";
  int error = ENOENT;
  for (const char *end; list; list = *end ? end + 1 : NULL) {
    end = list + strcspn(list, ":");
    if (snprintf(path, PATH_MAX, "%.*s%s%s", (int)(end - list), list, end == list ? "" : "/", name) >= PATH_MAX)
      continue;
    int found = refusal(path);
    if (!found)
      return 0;
    if (found == EACCES)
      error = EACCES;
  }
  return error;
}

/* Whether the kernel would raise the program's privileges (AT_SECURE). */
static bool gains_privileges(const char *path)
{
  struct stat status;
  struct statvfs mounted;
  char capabilities[64];
  if (stat(path, &status) || statvfs(path, &mounted) || (mounted.f_flag & ST_NOSUID) ||
      prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
    return false;
  uid_t user = status.st_mode & S_ISUID ? status.st_uid : geteuid();
  gid_t group = (status.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) ? status.st_gid : getegid();
  if (user != getuid() || group != getgid())
    return true;
  /* Root has all capabilities anyway. */
  return getuid() != 0 && getxattr(path, "security.capability", capabilities, sizeof capabilities) > 0;
}

static bool is_musl_loader(const char *loader) { return strstr(loader, "/ld-musl-") != NULL; }
#ifdef __GLIBC__
static const bool musl_library = false;
#else
static const bool musl_library = true;
#endif

int program_require(const char *name, char path[PATH_MAX])
{
  int error = program_find(name, path);
  return error ? fail(error == EACCES ? EX_NOPERM : EX_NOINPUT, "can't run '%s': %s", name, strerror(error)) : 0;
}

int preload_require(const char **library)
{
  *library = preload_library();
  return *library ? 0
                  : fail(EX_OSFILE, "libbrim.so is neither beside this program nor in " BRIM_WAY_TO_LIB
                                    " from there nor in " BRIM_LIBDIR "; build it with 'make'");
}

/* What runs a script: its interpreter, or, if that is `env NAME`, the program NAME. */
static int follow_script(const struct image *script, char path[PATH_MAX])
{
  const char *base = strrchr(script->interpreter, '/');
  if (base && !strcmp(base, "/env")) {
    const char *word = script->argument;
    if (!strncmp(word, "-S", 2))
      word += 2 + strspn(word + 2, " \t");
    char name[sizeof script->argument];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, " \t"), word);
    if (*name && *name != '-' && !strchr(name, '=') && !program_find(name, path))
      return 0;
  }
  return program_find(script->interpreter, path);
}

/* The ELF file that runs in the end, and how messages name it: the program, or what its script leads to. */
struct subject {
  char path[PATH_MAX], who[2 * PATH_MAX + 32];
  struct image image;
};

/* Follows scripts to what runs them. 0, or the exit code after fail(). */
static int find_subject(const char *path, struct subject *subject)
{
  char next[PATH_MAX];
  snprintf(subject->path, sizeof subject->path, "%s", path);
  snprintf(subject->who, sizeof subject->who, "'%s'", path);
  /* The kernel gives up after this many scripts. */
  for (int depth = 0; depth < 6; depth++) {
    struct image *image = &subject->image;
    image_read(subject->path, image);
    if (image->kind == IMAGE_UNREADABLE || image->kind == IMAGE_ELF)
      return 0;
    snprintf(next, sizeof next, "/bin/sh");
    if (image->kind == IMAGE_SCRIPT && follow_script(image, next))
      return fail(EX_OSFILE, "'%s' asks for the interpreter '%s', which can't be run", subject->path,
                  image->interpreter);
    snprintf(subject->path, sizeof subject->path, "%s", next);
    snprintf(subject->who, sizeof subject->who, "'%s', which runs '%s',", next, path);
  }
  return fail(EX_DATAERR, "'%s' is a script of a script of a script...: the kernel does not run it", path);
}

/* The loader is not known, and passes, for a file of another word size or byte order (elf.h). */
static int check_loader(const struct subject *subject)
{
  const char *loader = subject->image.interpreter;
  return loader[0] && access(loader, F_OK)
             ? fail(EX_OSFILE, "%s needs the loader '%s', which is not there", subject->who, loader)
             : 0;
}

static int check_elf(const char *library, const struct subject *subject)
{
  const struct image *image = &subject->image;
  const char *who = subject->who;
  struct image own;
  image_read(library, &own);
  if (own.kind != IMAGE_ELF)
    return fail(EX_OSFILE, "'%s' is no library", library);
  if (image->elf_class != own.elf_class || image->byte_order != own.byte_order || image->machine != own.machine) {
    char theirs[32];
    snprintf(theirs, sizeof theirs, "%s", machine_name(image));
    return fail(EX_UNAVAILABLE, "%s is built for %s, Brim for %s", who, theirs, machine_name(&own));
  }
  if (!image->interpreter[0])
    return fail(EX_UNAVAILABLE, "%s is statically linked: nothing can be preloaded into it (link it with libbrim.a)",
                who);
  if (is_musl_loader(image->interpreter) != musl_library)
    return fail(EX_UNAVAILABLE, "%s is built for %s, Brim for %s", who, musl_library ? "glibc" : "musl",
                musl_library ? "musl" : "glibc");
  int code = check_loader(subject);
  if (code)
    return code;
  if (gains_privileges(subject->path))
    return fail(EX_NOPERM,
                "%s runs with raised privileges (set-user-ID, set-group-ID or capabilities): "
                "the loader ignores LD_PRELOAD",
                who);
  enum own_malloc whose = own_malloc(subject->path);
  if (whose == OWN_MALLOC_SANITIZER)
    return fail(EX_UNAVAILABLE, "%s is built with a sanitizer, which needs a malloc of its own", who);
  if (whose != OWN_MALLOC_NONE)
    return fail(EX_UNAVAILABLE, "%s brings its own malloc, which no library replaces", who);
  return 0;
}

int program_check(const char *path)
{
  struct subject subject;
  int code = find_subject(path, &subject);
  return code ? code : check_loader(&subject);
}

int preload_check(const char *library, const char *path)
{
  struct subject subject;
  int code = find_subject(path, &subject);
  return code || subject.image.kind == IMAGE_UNREADABLE ? code : check_elf(library, &subject);
}

int preload_brim(const char *library, const char *path)
{
  if (own_malloc(path) == OWN_MALLOC_BRIM)
    return 0;
  int code = preload_check(library, path);
  return code ? code : preload_set(library);
}
