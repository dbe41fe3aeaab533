#!/bin/bash
# install.sh: what `make install` leaves behind: a program finds it by pkg-config and by CMake, `brim run` works from
# there, the manual pages are sound, and `make uninstall` takes all of it away. B is the build's folder.
set -u
build=$PWD/$B
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
dest=$work/dest prefix=$work/dest/opt/brim
count=0 failures=0

ok() { # CONDITION NAME
  count=$((count + 1))
  if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failures=1; sed 's/^/# /' "$work/log"; fi
}
skip() { count=$((count + 1)); echo "ok $count # SKIP $1"; }
check() { # NAME COMMAND...
  local name=$1
  shift
  "$@" >"$work/log" 2>&1
  ok $? "$name"
}
have() { command -v "$1" >/dev/null; }
# The variant that is tested is the one that is installed, from a copy: the command is built anew for another prefix.
mkdir "$work/build"
for part in obj bench man package brim lib; do
  [ ! -e "$build/$part" ] && [ $part != lib ] || cp -a "$build/$part"* "$work/build"
done
make_in() {
  local variant=${B#build}
  variant=${variant#/}
  make --no-print-directory VARIANT="${variant:-release}" B="$work/build" DESTDIR="$dest" PREFIX=/opt/brim "$@"
}

check "make install" make_in install
for file in bin/brim include/brim/brim.h include/brim/region.h lib/libbrim.so lib/libbrim.so.0 lib/libbrim.a \
  lib/libbrim-prefixed.a lib/pkgconfig/brim.pc lib/pkgconfig/brim-prefixed.pc lib/cmake/Brim/BrimConfig.cmake \
  lib/cmake/Brim/BrimConfigVersion.cmake share/man/man1/brim.1 share/man/man3/libbrim.3 share/man/man3/brim_region.3; do
  check "$file is there" test -r "$prefix/$file"
done
check "nothing is left to fill in" sh -c '! grep -r "@[A-Z]*@" "$1"/lib/pkgconfig "$1"/lib/cmake "$1"/share' sh "$prefix"
check "the build's folder is named nowhere" sh -c '! grep -rq "$2" "$1"/lib/pkgconfig "$1"/lib/cmake' sh "$prefix" "$build"

# The installed command finds the installed library.
check "brim run finds ../lib" sh -c '"$1/bin/brim" run printenv LD_PRELOAD | grep -qx "$1/lib/libbrim.so.0"' sh "$prefix"

if [ -e "$build/libbrim-profile.so" ]; then
  check "brim profile finds ../lib" sh -c '"$1/bin/brim" profile --rate 1 sh -c : 2>&1 | grep -q "every block was recorded"' \
    sh "$prefix"
fi

# A consumer that ends with 0 if malloc is Brim's (with IN_PLACE), or is not (without).
cd "$work" || exit 1
cat >consumer.c <<'EOF'
#include <brim/brim.h>
#include <brim/region.h>
#include <stdlib.h>
int main(void)
{
  void *block = malloc(100), *own = brim_malloc(100);
  struct brim_region *region = brim_region_create(NULL);
  if (!brim_owns(own) || brim_owns(block) != IN_PLACE || !brim_region_alloc(region, 10))
    return 1;
  brim_region_destroy(region);
  brim_free(own);
  free(block);
  return brim_version() != BRIM_VERSION;
}
EOF
cat >consumer.cc <<'EOF'
#include <brim/brim.h>
#include <new>
#include <vector>
int main()
{
  struct alignas(128) wide { char bytes[128]; };
  std::vector<wide> many(1000);
  int *one = new int(0);
  bool ours = brim_owns(many.data()) && brim_owns(one);
  delete one;
  return !ours;
}
EOF
# One that itself calls nothing of Brim's, built with a flag that is the default of some compilers.
printf '#include <string.h>\nint main(int n, char **words) { return !strdup(words[n - 1]); }\n' >quiet.c
is_active() { BRIM_VERBOSE=1 LD_LIBRARY_PATH=$prefix/lib "$@" 2>&1 | grep -q '^brim: active'; }
# A plugin with an allocator of its own. A thread that has used it ends only after the plugin was closed.
cat >plugin.c <<'EOF'
#include <brim/brim.h>
void use(void) { brim_free(brim_malloc(100)); }
EOF
cat >host.c <<'EOF'
#include <dlfcn.h>
#include <pthread.h>
static void (*use)(void);
static pthread_barrier_t step;
static void *work(void *unused)
{
  use();
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  return unused;
}
int main(int n, char **words)
{
  pthread_t thread;
  void *plugin = dlopen(words[n - 1], RTLD_NOW);
  if (!plugin || !(use = (void (*)(void))dlsym(plugin, "use")))
    return 1;
  pthread_barrier_init(&step, 0, 2);
  pthread_create(&thread, 0, work, 0);
  pthread_barrier_wait(&step);
  dlclose(plugin);
  pthread_barrier_wait(&step);
  return pthread_join(thread, 0);
}
EOF
check "a host of plugins" sh -c "${CC:-cc} host.c -o host -pthread -ldl"

if have pkg-config; then
  export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
  cc=${CC:-cc}
  check "pkg-config: libbrim.so" sh -c "$cc -DIN_PLACE=1 consumer.c -o in-place \$(pkg-config --cflags --libs brim)"
  check "  a program runs with it" env LD_LIBRARY_PATH="$prefix/lib" ./in-place
  check "pkg-config: libbrim.so, --as-needed" \
    sh -c "$cc -Wl,--as-needed quiet.c -o quiet \$(pkg-config --cflags --libs brim)"
  check "  a program that calls none of it has it" is_active ./quiet
  check "pkg-config --static: libbrim.a" sh -c "$cc -static quiet.c -o quiet-static \$(pkg-config --cflags --libs --static brim)"
  check "  a program that calls none of it has it" is_active ./quiet-static
  check "pkg-config: libbrim-prefixed.a" \
    sh -c "$cc -DIN_PLACE=0 consumer.c -o beside \$(pkg-config --cflags --libs brim-prefixed)"
  check "  a program runs with it" ./beside
  check "pkg-config: libbrim-prefixed.a in a plugin" \
    sh -c "$cc -fPIC -shared plugin.c -o plugin.so \$(pkg-config --cflags --libs brim-prefixed)"
  check "  a thread ends after the plugin was closed" ./host ./plugin.so
  check "the version is the header's" sh -c 'grep -q "BRIM_VERSION_STRING \"$(pkg-config --modversion brim)\"" \
    "$1/include/brim/brim.h"' sh "$prefix"
else
  skip "no pkg-config"
fi

if have cmake && have c++; then
  cat >CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.10)
project(consumer C CXX)
find_package(Brim 0.1 CONFIG REQUIRED)
foreach(target brim static prefixed)
  add_executable(c-${target} consumer.c)
  target_link_libraries(c-${target} Brim::${target})
endforeach()
target_compile_definitions(c-brim PRIVATE IN_PLACE=1)
target_compile_definitions(c-static PRIVATE IN_PLACE=1)
target_compile_definitions(c-prefixed PRIVATE IN_PLACE=0)
add_library(plugin MODULE plugin.c)
target_link_libraries(plugin Brim::prefixed)
add_executable(quiet quiet.c)
target_link_libraries(quiet -Wl,--as-needed Brim::brim)
foreach(target brim static)
  add_executable(cxx-${target} consumer.cc)
  set_target_properties(cxx-${target} PROPERTIES CXX_STANDARD 17)
  target_link_libraries(cxx-${target} Brim::${target})
endforeach()
EOF
  check "CMake: find_package(Brim CONFIG)" cmake -S . -B cmake -DCMAKE_PREFIX_PATH="$prefix"
  check "CMake: a project builds" cmake --build cmake
  for program in c-brim c-static c-prefixed cxx-brim cxx-static; do
    check "CMake: $program runs" cmake/$program
  done
  check "CMake: a thread ends after a plugin was closed" ./host cmake/libplugin.so
  check "CMake: a program that calls none of it has it" is_active cmake/quiet
  mkdir merged && ln -s "$prefix/lib" merged/lib
  check "CMake: found where lib is a link" cmake -S . -B cmake-merged -DCMAKE_PREFIX_PATH="$work/merged"
  check "CMake: a project builds from there" cmake --build cmake-merged --target c-brim c-static c-prefixed
  cp -r "$prefix" "$work/a copy"
  check "CMake: found in a folder with a space" cmake -S . -B cmake-copy -DCMAKE_PREFIX_PATH="$work/a copy"
  check "CMake: a project builds from there" cmake --build cmake-copy --target c-brim c-static c-prefixed
  check "CMake: a program of it runs" cmake-copy/c-brim
  sed -i 's/Brim 0.1/Brim 9.0/' CMakeLists.txt
  check "CMake: a version that is not there is not found" \
    sh -c '! cmake -S . -B cmake-9 -DCMAKE_PREFIX_PATH="$1"' sh "$prefix"
else
  skip "no cmake or no C++ compiler"
fi

if have mandoc; then
  check "the manual pages are sound" mandoc -Tlint -W warning,stop "$prefix"/share/man/man?/*
else
  skip "no mandoc"
fi
check "brim(1) lists the commands" grep -q '^\.It Ic run ' "$prefix/share/man/man1/brim.1"
check "brim(1) lists the options" grep -q '^\.It Ev BRIM_MMAP_THRESHOLD=128K' "$prefix/share/man/man1/brim.1"
check "brim(1) lists the options of commands" grep -q '^\.It Fl .*svg Ar FILE' "$prefix/share/man/man1/brim.1"
check "brim(1) lists the options of every command, compare's as bench's" sh -c 'cd "$1" &&
  for name in $(sed -n "s/^OPTION(\"\([^\"]*\)\".*/\1/p" cli/command_options.def | tr " " "\n" | sort -u); do
    [ "$name" = compare ] || grep -qx "@OPTIONS_OF@ $name" man/brim.1.in || exit 1
  done' sh "$OLDPWD"
check "brim(1) names every variable that the command reads" sh -c 'cd "$1" &&
  for name in $(grep -oh "getenv(\"[A-Z_]*" cli/*.c | cut -d "\"" -f 2 | sort -u); do
    sed -n "/^The command reads these/,/^.Sh/p" man/brim.1.in | grep -q "^.It Ev.* $name\b" || exit 1
  done' sh "$OLDPWD"
check "no two statistics are described alike" \
  sh -c '[ -z "$(sed -n "/^\.It Li /{n;p}" "$1" | sort | uniq -d)" ]' sh "$prefix/share/man/man1/brim.1"
check "brim(1) lists the statistics" grep -q '^\.It Li break_heap' "$prefix/share/man/man1/brim.1"

cd "$OLDPWD" || exit 1
check "make uninstall" make_in uninstall
check "it takes every file away" sh -c '[ -z "$(find "$1" ! -type d)" ]' sh "$dest"

# Folders as distributions have them, in the prefix and out of it; and moved.
multiarch="LIBDIR=/opt/brim/lib/some-linux BINDIR=/opt/brim/libexec/x/bin INCLUDEDIR=/opt/brim/include/one MANDIR=/opt/brim/man"
apart="LIBDIR=/lib64 INCLUDEDIR=/headers"
flags_are_true() { # LIBDIR
  local flag words
  words=$(PKG_CONFIG_PATH=$1/pkgconfig pkg-config --cflags --libs-only-L brim) || return
  for flag in $words; do
    case $flag in -I*) test -r "${flag#-I}/brim/brim.h" ;; -L*) test -r "${flag#-L}/libbrim.so.0" ;; esac || return
  done
}
dest=$work/multiarch
check "make install with folders in the prefix" make_in install $multiarch
prefix=$work/moved
check "moved" mv "$dest/opt/brim" "$prefix"
for file in libexec/x/bin/brim lib/some-linux/libbrim.so.0 include/one/brim/brim.h man/man1/brim.1; do
  check "$file is there" test -r "$prefix/$file"
done
check "no library is in lib" sh -c '! ls "$1"/lib/lib*' sh "$prefix"
check "brim run finds the library" \
  sh -c '"$1/libexec/x/bin/brim" run printenv LD_PRELOAD | grep -qx "$1/lib/some-linux/libbrim.so.0"' sh "$prefix"
have pkg-config && check "pkg-config finds headers and library" flags_are_true "$prefix/lib/some-linux"
cd "$work" || exit 1
if have cmake && have c++; then
  sed -i "s/Brim 9.0/Brim 0.1/" CMakeLists.txt
  check "CMake: found" cmake -S . -B cmake-multiarch -DCMAKE_PREFIX_PATH="$prefix" -DBrim_DIR="$prefix/lib/some-linux/cmake/Brim"
  check "CMake: a project builds" cmake --build cmake-multiarch --target c-brim c-static c-prefixed
  check "CMake: a program of it runs" cmake-multiarch/c-brim
fi
cd "$OLDPWD" || exit 1
check "moved back" mv "$prefix" "$dest/opt/brim"
check "make uninstall of them" make_in uninstall $multiarch
check "it takes every file away" sh -c '[ -z "$(find "$1" ! -type d)" ]' sh "$dest"
check "make install with folders out of the prefix" make_in install $apart
check "the library is where LIBDIR says" test -r "$dest/lib64/libbrim.so.0"
check "brim looks there" grep -q '/lib64/libbrim.so.0' "$dest/opt/brim/bin/brim"
check "pkg-config's file names the headers where they are meant to be" \
  grep -qx 'includedir=/headers' "$dest/lib64/pkgconfig/brim.pc"
check "CMake's file, too" grep -q '"/headers"' "$dest/lib64/cmake/Brim/BrimConfig.cmake"
check "make uninstall of them" make_in uninstall $apart
check "it takes every file away" sh -c '[ -z "$(find "$1" ! -type d)" ]' sh "$dest"

# A folder with a space in its name, and a root whose own files nobody else may read. What stands before the space is the name
# of another's folder.
privately() { (umask 077 && "$@"); }
dest="$work/two words"
mkdir "$work/two" && : >"$work/two/file"
check "make install with a space in DESTDIR, and umask 077" privately make_in install
check "everybody may read what is installed" sh -c 'test -d "$1" && [ -z "$(find "$1"/* ! -type l ! -perm -044)" ]' sh "$dest"
check "make uninstall from there" make_in uninstall
check "it takes every file away" sh -c '[ -z "$(find "$1" ! -type d)" ]' sh "$dest"
check "and none of another's" test -e "$work/two/file"

echo "1..$count"
exit $failures
