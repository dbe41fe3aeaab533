/* outfile.c: see outfile.h. What is not a regular file (a device, a pipe) is written to directly. */
#define _GNU_SOURCE
#include "outfile.h"
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int outfile_descriptor(const char *path)
{
  static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
  if (!strcmp(path, "-") || !strcmp(path, "/dev/stdout"))
    return STDOUT_FILENO;
  if (!strcmp(path, "/dev/stderr"))
    return STDERR_FILENO;
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    const char *number = path + strlen(folders[i]);
    if (!strncmp(path, folders[i], strlen(folders[i])) && *number && !number[strspn(number, "0123456789")])
      return (int)strtol(number, NULL, 10);
  }
  return -1;
}

static int cant_write(int code, const char *path, int error)
{
  return fail(code, "can't write '%s': %s", path, strerror(error));
}

/* The errno that creating the file would end with. */
static int folder_refusal(const char *path)
{
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');
  if (slash && !slash[1])
    return EISDIR;
  if (snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".") >= PATH_MAX)
    return ENAMETOOLONG;
  return access(folder, W_OK | X_OK) ? errno : 0;
}

/* The errno that writing to the descriptor would end with. */
static int descriptor_refusal(int fd)
{
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? errno : (flags & O_ACCMODE) == O_RDONLY ? EBADF : 0;
}

int outfile_check(const char *path)
{
  struct stat status;
  int fd = outfile_descriptor(path);
  int error = 0;
  if (!*path)
    return fail(EX_USAGE, "the name of a file to write is empty");
  if (fd >= 0)
    error = descriptor_refusal(fd);
  else if (!stat(path, &status))
    error = S_ISDIR(status.st_mode) ? EISDIR : access(path, W_OK) ? errno : 0;
  else
    error = errno == ENOENT ? folder_refusal(path) : errno;
  return error ? cant_write(EX_CANTCREAT, path, error) : 0;
}

int outfile_check_both(const char *one, const char *other)
{
  bool same = one && other && !strcmp(one, other) && strncmp(one, "/dev/", 5) != 0;
  return same ? fail(EX_USAGE, "two options write to '%s'; give each a file of its own", one) : 0;
}

/* Returns 0 or errno. Exceeding a limit on file sizes (ulimit -f) is an error like any other; it must not end us by a signal. */
static int write_all(int fd, const char *text, size_t bytes)
{
  int error = 0;
  void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
  while (bytes && !error) {
    ssize_t written = write(fd, text, bytes);
    if (written < 0 && errno != EINTR)
      error = errno;
    text += written > 0 ? written : 0;
    bytes -= written > 0 ? (size_t)written : 0;
  }
  signal(SIGXFSZ, before);
  return error;
}

static int write_and_close(int fd, const char *text, size_t bytes)
{
  int error = write_all(fd, text, bytes);
  return close(fd) && !error ? errno : error;
}

static int write_directly(const char *path, const char *text, size_t bytes)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return cant_write(EX_CANTCREAT, path, errno);
  int error = write_and_close(fd, text, bytes);
  return error ? cant_write(EX_IOERR, path, error) : 0;
}

/* After what was printed before. */
static int write_to_descriptor(const char *path, int fd, const char *text, size_t bytes)
{
  fflush(stdout);
  int error = write_all(fd, text, bytes);
  return error ? cant_write(EX_IOERR, path, error) : 0;
}

int outfile_write(const char *path, const char *text, size_t bytes)
{
  int descriptor = outfile_descriptor(path);
  if (descriptor >= 0)
    return write_to_descriptor(path, descriptor, text, bytes);
  char real[PATH_MAX], beside[PATH_MAX + 8];
  struct stat status;
  bool exists = !stat(path, &status);
  if (exists && !S_ISREG(status.st_mode))
    return write_directly(path, text, bytes);
  /* If the path is a symbolic link, it stays one. */
  if (!exists || !realpath(path, real))
    snprintf(real, sizeof real, "%s", path);
  snprintf(beside, sizeof beside, "%s.XXXXXX", real);
  int fd = mkostemp(beside, O_CLOEXEC);
  if (fd < 0)
    return write_directly(path, text, bytes);
  mode_t mask = umask(0);
  umask(mask);
  fchmod(fd, exists ? status.st_mode & 07777 : 0666 & ~mask);
  int error = write_and_close(fd, text, bytes);
  if (!error && rename(beside, real))
    error = errno;
  if (error)
    unlink(beside);
  return error ? cant_write(EX_IOERR, path, error) : 0;
}
