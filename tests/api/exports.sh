#!/bin/sh
# exports.sh: libbrim.so exports the malloc family and brim_ names, no more and no less; the prefixed archive defines
# nothing outside its prefixes, so that it can live beside the C library's malloc.
set -u
n=0
check() { # NAME UNEXPECTED-TEXT: passes if the text is empty
  n=$((n + 1))
  [ -z "$2" ] && echo "ok $n - $1" && return
  echo "not ok $n - $1"
  echo "$2" | sed 's/^/# /'
}
plain='malloc calloc realloc free aligned_alloc posix_memalign memalign valloc pvalloc reallocarray reallocf
malloc_usable_size cfree free_sized free_aligned_sized memalignment malloc_trim mallopt mallinfo mallinfo2 malloc_stats
malloc_info'
# glibc's own names for them, which a few programs call; and dlopen, which RTLD_DEEPBIND users need.
plain="$plain __libc_malloc __libc_calloc __libc_realloc __libc_free __libc_memalign __libc_valloc __libc_pvalloc dlopen"
# new and delete: plain, array; throwing, nothrow; aligned; sized.
cxx='_Znwm _Znam _ZnwmRKSt9nothrow_t _ZnamRKSt9nothrow_t _ZnwmSt11align_val_t _ZnamSt11align_val_t
_ZnwmSt11align_val_tRKSt9nothrow_t _ZnamSt11align_val_tRKSt9nothrow_t _ZdlPv _ZdaPv _ZdlPvm _ZdaPvm
_ZdlPvRKSt9nothrow_t _ZdaPvRKSt9nothrow_t _ZdlPvSt11align_val_t _ZdaPvSt11align_val_t _ZdlPvmSt11align_val_t
_ZdaPvmSt11align_val_t _ZdlPvSt11align_val_tRKSt9nothrow_t _ZdaPvSt11align_val_tRKSt9nothrow_t'

exported=$(nm -D --defined-only "$B/libbrim.so" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u)
declared=$(grep -ho '\bbrim_[a-z_]*(' include/brim/*.h | tr -d '(' | grep -v '^brim_.*_$' | sort -u)
missing=$(for name in $plain $cxx $declared; do echo "$exported" | grep -qx "$name" || echo "$name"; done)
check 'every function of the malloc family, C++ and the headers is exported' "$missing"

wanted=$(printf '%s\n' $plain $cxx)
check 'nothing else is exported' "$(echo "$exported" | grep -vx 'brim_.*' | grep -vxF "$wanted")"

defined=$(nm -g --defined-only "$B/libbrim-prefixed.a" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
check 'libbrim-prefixed.a defines brim names only' "$(echo "$defined" | grep -vE '^brimi?_')"
defined=$(nm -g --defined-only "$B/libbrim.a" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
check 'libbrim.a defines brim names and the malloc family only' \
  "$(echo "$defined" | grep -vE '^brimi?_' | grep -vxF "$wanted")"
needed=$(readelf -d "$B/libbrim.so" | awk '/NEEDED/ { print $NF }' | grep -vE '^\[(libc\.so|libc\.musl|ld-)')
check 'libbrim.so needs libc only' "$needed"
if [ -e "$B/libbrim-profile.so" ]; then
  recorded=$(nm -D --defined-only "$B/libbrim-profile.so" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u)
  plain_cxx='_Znwm _ZnwmSt11align_val_t _ZdlPv _ZdlPvSt11align_val_t' # the other forms are made of these
  check 'libbrim-profile.so stands in front of every function that allocates or frees, and of no other' \
    "$(printf '%s\n' "$recorded" $plain $plain_cxx | grep -vxE 'malloc_.*|mallopt|mallinfo2?|memalignment|dlopen' | sort | uniq -u)"
fi
tls=$(readelf -lW "$B/libbrim.so" | awk '$1 == "TLS" { print $6 }')
check 'at most three pointers and a word of thread-local storage' "$([ $((${tls:-0})) -le 32 ] || echo "$tls")"
echo "1..$n"
