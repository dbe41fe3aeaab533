/* deepbind.c: blocks go from the program to a library and back that is loaded with RTLD_DEEPBIND, as PHP's extensions and some
 * of the C library's own libraries are. */
#define _GNU_SOURCE
#include "first/restart.h"
#include <dlfcn.h>
#include <malloc.h>

static char *(*plugin_copy)(const char *);
static void *(*plugin_grow)(void *, size_t);
static void (*plugin_free)(void *);

static int pass_blocks(void *unused)
{
  (void)unused;
  for (int i = 0; i < 1000; i++) {
    char *theirs = plugin_copy("from the plugin"), *ours = malloc(100);
    strcpy(ours, "from the program");
    theirs = realloc(theirs, (size_t)(i * 300) + 20);
    ours = plugin_grow(ours, (size_t)(i * 300) + 20);
    if (strcmp(theirs, "from the plugin") || strcmp(ours, "from the program"))
      return 1;
    free(theirs);
    plugin_free(ours);
  }
  return 0;
}

static void with_mode(int mode, const char *name)
{
  void *plugin = dlopen(beside("plugin.so"), mode);
  if (!ok(plugin != NULL, "the plugin loads %s", name))
    return;
  plugin_copy = (char *(*)(const char *))dlsym(plugin, "plugin_copy");
  plugin_grow = (void *(*)(void *, size_t))dlsym(plugin, "plugin_grow");
  plugin_free = (void (*)(void *))dlsym(plugin, "plugin_free");
  struct ending end = ended_as(pass_blocks, NULL, 60);
  if (!ok(!end.signal && !end.code, "blocks go both ways %s", name))
    diag("signal %d, exit code %d, stderr: %.800s", end.signal, end.code, end.text);
  dlclose(plugin);
}

int main(void)
{
  with_mode(RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND, "with RTLD_DEEPBIND");
  with_mode(RTLD_LAZY | RTLD_GLOBAL, "without");
  ok(dlopen("/no/such/library.so", RTLD_NOW) == NULL && strstr(dlerror(), "/no/such/library.so"),
     "dlopen still says what it can't load");
  return done_testing();
}
