#!/bin/sh
# 5-sizes.sh: malloc(64) against malloc(256 KiB), as a table and a plot
#
# docs/learn/5-small-and-large.md. LAB_BIN is the folder of the built programs, LAB_LIBRARY is libbrim.so or empty.
set -eu
PATH=$PATH:/sbin:/usr/sbin # ldconfig, which is not along every user's PATH
sizes=${LAB_BIN:?"is not set: run this step with 'brim lab 5'"}/5-sizes
pictures=${LAB_PICTURES-}
unset LAB_PICTURES

# The first library of that name that the loader knows.
library() { ldconfig -p 2>/dev/null | sed -n "s|.*$1.* => ||p" | head -n 1; }

# Runs the program under one allocator. $1 is its name, $2 its library (empty: none), the rest are arguments.
under() {
  name=$1 preload=$2
  shift 2
  LD_PRELOAD=$preload "$sizes" "$name" "$@"
}

# Calls the command for each allocator that there is. glibc comes twice: as it is, and with the threshold that it starts
# from made fixed, which an explicit setting does.
each() {
  "$@" "$libc" ""
  if [ "$libc" = glibc ]; then
    GLIBC_TUNABLES=glibc.malloc.mmap_threshold=131072 "$@" glibc-128K ""
  fi
  [ -z "${LAB_LIBRARY-}" ] || "$@" Brim "$LAB_LIBRARY"
  for peer in jemalloc mimalloc tcmalloc; do
    found=$(library "lib$peer\(_minimal\)\{0,1\}\.so")
    [ -z "$found" ] || "$@" "$peer" "$found"
  done
}
table() {
  under "$1" "$2"
  unset LAB_HEADING
}
sweep() { under "$1" "$2" sweep >"$data/$1.csv"; }

libc=glibc
if ldd "$sizes" | grep -q musl; then
  libc=musl
fi
export LAB_HEADING=1
each table
if [ -n "${LAB_LIBRARY-}" ] && [ -n "$pictures" ]; then
  BRIM_NAME_MAPPINGS=1 LAB_PICTURES=$pictures under Brim "$LAB_LIBRARY" >/dev/null
elif [ -n "$pictures" ]; then
  LAB_PICTURES=$pictures under "$libc" "" >/dev/null
fi

[ -n "${LAB_PLOT-}" ] || exit 0
if ! command -v gnuplot >/dev/null; then
  echo "5-sizes.sh: the plot needs gnuplot, which is not installed: apt-get install gnuplot-nox" >&2
  exit 69
fi
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
each sweep
plots=
for file in "$data"/*.csv; do
  plots="$plots${plots:+, }'$file' using 2:(\$3*1e-9) with linespoints title '$(basename "$file" .csv)'"
done
gnuplot <<END
set terminal svg size 760,460 font "DejaVu Sans,12" background "white"
set output "$LAB_PLOT/5-sizes.svg"
set datafile separator ","
set logscale x 2
set logscale y
set format x "%.0b%BB"
set format y "%.0s %cs"
set linetype 5 linecolor rgb "#a05a00"
set xlabel "size"
set ylabel "one malloc + touch + free, repeated"
set grid
set key left top
plot $plots
END
echo "wrote $LAB_PLOT/5-sizes.svg"
