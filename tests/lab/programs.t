#!/bin/bash
# programs.t: every program of the lab shows what its text claims; `brim lab` finds, builds, runs and draws them.
. "$(dirname "$0")/tap.sh"
lab=$(cd "$(dirname "$0")/../../lab" && pwd)
export LC_ALL=C

# fails_only CODE PATTERN COMMAND...: the command ends with the code, and stderr says why, whatever it prints.
fails_only() {
  local code=$1 pattern=$2 seen=0
  shift 2
  "$@" >"$work/out" 2>"$work/err" || seen=$?
  [ "$seen" = "$code" ] && grep -qE -- "$pattern" "$work/err" || { echo "exit code $seen"; cat "$work/out" "$work/err"; return 1; }
}

strict="-std=c17 -O2 -Wall -Wextra -Wshadow -Werror"
for source in "$lab"/[1-9]-*.c; do
  name=$(basename "$source" .c)
  ok "$name builds without a warning" ${CC:-cc} $strict -o "$work/$name" "$source" -pthread
  ok "$name holds" env LAB_PICTURES="$work/picture" "$work/$name"
  ok "$name keeps pictures of before and after" rm "$work/picture-before" "$work/picture-after"
  ok "$name is short" test "$(wc -l <"$source")" -le 120
done
ok "the first touch takes memory" shows 'yes: the first touch takes memory, not sbrk' "$work/1-break"
ok "5000 bytes are rounded up" shows 'yes: the length is rounded up to whole pages' "$work/2-pages"
ok "a child copies what it writes" shows 'yes: the first write to each makes the copy' "$work/9-fork"
ok "advice gives pages back" shows 'yes: the pages have gone: they are resident no more' "$work/9-advice"

# The relations that steps 5 and 7 show; never times.
row() { "$work/5-sizes" "$1" | grep -E "^$1 +$2 "; }
if row libc 262144 | grep -q mapping && ldd "$work/5-sizes" | grep -q 'libc\.so\.6'; then
  ok "glibc: malloc(256 KiB) is a mapping at first, and from the break after a free" \
    shows ' mapping .* break ' row glibc 262144
  if [ -e "$B/libbrim.so" ]; then
    export LD_PRELOAD=$PWD/$B/libbrim.so
    case $B in /*) LD_PRELOAD=$B/libbrim.so ;; esac
    ok "Brim: it is a mapping both times" shows ' mapping .* mapping ' row Brim 262144
    ok "Brim: malloc(64) is from the break both times" shows ' break .* break ' row Brim 64
    unset LD_PRELOAD
  fi
fi
taken() { "$work/$1" | sed 's/.*taken: *//; s/ for 1//'; }
more_than() { awk "BEGIN { exit !($1 > $2) }" || { echo "$1 is not more than $2"; return 1; }; }
bump=$(taken 7-0-bump) list=$(taken 7-1-free-list) classes=$(taken 7-2-size-classes) slabs=$(taken 7-3-slabs)
ok "without free, memory grows and grows" more_than "$bump" "$classes"
ok "size classes strand what a free list uses again" more_than "$classes" "$list"
ok "slabs get some of it back" more_than "$classes" "$slabs"

ok "brim lab lists the steps" shows '^  6-leak +pitfall' $brim lab
ok "... within 80 columns" bash -c "! $brim lab | sed '1,/^$/d' | grep -E '.{81}'"
ok "... each once" bash -c "[ \$($brim lab | grep -c '^  5-sizes ') = 1 ]"
ok "... and says where its text is" shows 'begins with .*/docs/learn/README.md' $brim lab
ok "brim lab 1 runs and draws" shows '^\+.*heap' $brim lab 1
ok "one program of a step" shows '6-alignment' $brim lab 6-alignment
ok "... and only that" bash -c "! $brim lab 6-alignment | grep -q 6-leak"
ok "--plot writes before and after" $brim lab 3-bump --plot "$work/plots"
ok "... as SVG" grep -l '</svg>' "$work/plots/3-bump-before.svg" "$work/plots/3-bump-after.svg"
mkdir "$work/bare"
for tool in sh sed head ldd ldconfig cc as ld gcc bash dirname mktemp rm basename grep cat; do
  ln -s "$(PATH=$PATH:/sbin command -v $tool)" "$work/bare/$tool"
done
cc=${CC:-cc}
ok "step 5 without gnuplot says so" fails_only 69 'the plot needs gnuplot' \
  env PATH="$work/bare" CC="$(command -v "$cc")" "$(readlink -f $brim)" lab 5 --plot "$work/without"
ok "... and draws its memory all the same" grep -l '</svg>' "$work/without/5-sizes-after.svg"
if command -v gnuplot >/dev/null; then
  ok "step 5 plots" $brim lab 5 --plot "$work/plots"
  ok "... as SVG" grep -l '</svg>' "$work/plots/5-sizes.svg"
fi
# Installed: the lab, its text and the command, each where `make install` puts it.
prefix=$work/dest/opt/brim
lab_make() { make -s DESTDIR="$work/dest" PREFIX=/opt/brim "$@"; }
ok "make install brings the lab" shows 'share/brim/lab' lab_make -n install
ok "... which is installed" lab_make install-lab
mkdir -p "$prefix/bin" && cp $brim "$prefix/bin"
ok "... and runs from there" shows '^\+.*heap' "$prefix/bin/brim" lab 1
ok "... with its text" shows 'begins with .*/share/doc/brim/learn/README.md' "$prefix/bin/brim" lab
mkdir -p "$prefix/include" && cp -r "$lab/../include/brim" "$prefix/include"
for text in share/doc/brim share/doc/brim/learn; do
  while read -r link; do
    ok "$text finds ${link##*/} there" test -e "$prefix/$text/$link"
  done < <(grep -ohE '\]\([^)#:]+(\)|#)' "$prefix/$text"/*.md | sed 's/^](//; s/.$//' | sort -u)
done
ok "make uninstall takes it away" shows 'share/brim' lab_make -n uninstall
ok "... all of it" bash -c "make -s DESTDIR=$work/dest PREFIX=/opt/brim uninstall-lab && [ ! -e $prefix/share/brim ]"
mkdir "$work/temporary"
TMPDIR=$work/temporary $brim lab 1 >/dev/null
ok "nothing is left behind" rmdir "$work/temporary"
# interrupted SIGNAL: the lab ends with 130 soon after it, without a word, and all that it runs ends too.
interrupted() {
  local code=0
  mkdir -p "$work/temporary"
  TMPDIR=$work/temporary env --default-signal $brim lab 7 >"$work/out" 2>"$work/err" &
  sleep 0.7
  kill -"$1" $!
  wait $! || code=$?
  [ $code = 130 ] && [ ! -s "$work/err" ] && rmdir "$work/temporary" || { echo "exit code $code"; cat "$work/err"; ls "$work/temporary"; return 1; }
}
for signal in INT TERM HUP; do
  ok "nor after SIG$signal" interrupted $signal
done
ok "no such step" fails 64 "there is no step '99'; 'brim lab' lists them" $brim lab 99
ok "no compiler" fails 69 "there is no C compiler 'no-such-cc'; name another one in CC, or install it" env CC=no-such-cc $brim lab 1
ok "no folder for the drawings, which is said before anything is run" fails 73 "can't write into '.*cc': Not a directory" \
  $brim lab 1 --plot "$(command -v "$cc")"
ok "nowhere to build" fails 73 "can't make a folder" env TMPDIR=/nonexistent $brim lab 1
ok "an option that is not known" fails 64 'there is no option --nonsense' $brim lab 1 --nonsense

finish
