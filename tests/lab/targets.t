#!/bin/bash
# targets.t: every program of the lab shows what its text claims on aarch64 and under musl; musl refuses the break, and
# the programs say so.
. "$(dirname "$0")/tap.sh"
lab=$(cd "$(dirname "$0")/../../lab" && pwd)
export LC_ALL=C
strict="-std=c17 -O2 -Wall -Wextra -Wshadow -Werror"

if command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64 >/dev/null; then
  for source in "$lab"/[1-9]-*.c; do
    name=$(basename "$source" .c)
    ok "aarch64: $name builds and holds" bash -c \
      "aarch64-linux-gnu-gcc $strict -static -o $work/aarch64-$name $source -pthread && qemu-aarch64 $work/aarch64-$name"
  done
else
  skip "aarch64" "no aarch64-linux-gnu-gcc and qemu-aarch64"
fi
if command -v musl-gcc >/dev/null; then
  for source in "$lab"/[1-9]-*.c; do
    name=$(basename "$source" .c)
    ok "musl: $name builds and holds" bash -c \
      "musl-gcc $strict -o $work/musl-$name $source -pthread && $work/musl-$name"
  done
  ok "musl: the refusal of sbrk is shown" shows 'refuses to move the break' "$work/musl-1-break"
  ok "musl: and what it is" shows 'sbrk: Out of memory' "$work/musl-1-break"
else
  skip "musl" "no musl-gcc"
fi
finish
