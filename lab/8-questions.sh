#!/bin/sh
# 8-questions.sh: the questions, each with the commands that answer it
#
# docs/learn/8-the-questions.md. LAB_BRIM is the command to run, LAB_BIN the folder of the built programs.
set -eu
unset LAB_PICTURES
cd "${LAB_BIN:?"is not set: run this step with 'brim lab 8'"}"

ask() { printf '\n%s\n' "$1"; }
# Runs brim with these arguments. A program of the lab is built already.
show() {
  printf '$ brim %s\n' "$*"
  case $1 in
  lab) "./$2" ;;
  *) "${LAB_BRIM:-brim}" "$@" ;;
  esac
}

ask "Where is the break after sbrk(8192) from 0x10000000?"
show explain sbrk 0x10000000 8192
ask "How much do 5,000 bytes really map?"
show explain mmap 5000
ask "Which call serves malloc(200000), where sbrk serves less than 128 KiB?"
show explain malloc 200000
show explain malloc 100000
ask "Why is mmap preferred for large blocks? They go back whole, in any order, and grow without copying."
show lab 8-pinned
show lab 4-large
ask "What is wrong with sbrk alone? A block on top holds all below it, and another caller's move gets in our way."
show lab 8-pinned
show lab 6-foreign-sbrk
ask "Why do mappings coexist more easily with threads and pools? No shared break to fight over."
show lab 6-threads
ask "Where is all of that in a program?"
show map -- ls
