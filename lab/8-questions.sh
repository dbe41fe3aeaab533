#!/bin/sh
# 8-questions.sh: the questions, each with the command that answers it
#
# docs/learn/8-the-questions.md. LAB_BRIM is the command to run, LAB_BIN the folder of the built programs.
set -eu
unset LAB_PICTURES
cd "${LAB_BIN:?"is not set: run this step with 'brim lab 8'"}"
brim() { "${LAB_BRIM:-brim}" "$@"; }

ask() {
  printf '\n%s\n$ %s\n' "$1" "$2"
  shift 2
  "$@"
}

ask "Where is the break after sbrk(8192) from 0x10000000?" "brim explain sbrk 0x10000000 8192" \
  brim explain sbrk 0x10000000 8192
ask "How much do 5,000 bytes really map?" "brim explain mmap 5000" brim explain mmap 5000
ask "Which call serves malloc(200000), where sbrk serves less than 128 KiB?" "brim explain malloc 200000" \
  brim explain malloc 200000
ask "Why is mmap preferred for large blocks? They grow without copying, and go back whole." "brim lab 4-large" ./4-large
ask "What is wrong with sbrk alone? One end only: another's move is in our way." "brim lab 6-foreign-sbrk" \
  ./6-foreign-sbrk
ask "Why do mappings coexist more easily with threads and pools? No shared break to fight over." \
  "brim lab 6-threads" ./6-threads
