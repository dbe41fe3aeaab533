#!/bin/sh
# git.sh: a history is imported, packed and read again.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help Git imports a history, packs it and walks it"
  echo "needs git awk"
  echo "quick 1"
  echo "full 1"
  exit
fi
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export GIT_CONFIG_NOSYSTEM=1 HOME="$folder" GIT_DIR="$folder/repository"
git init -q --bare
awk -v commits="$((120 * $2))" 'BEGIN {
  for (c = 1; c <= commits; c++) {
    print "commit refs/heads/main\ncommitter a <a@b> " 1e9 + c " +0000\ndata 5\nwork\n"
    for (f = 0; f < 4; f++) {
      text = ""
      for (line = 0; line < 120; line++) text = text "line " line * (f + 1) " of file " f " at " (line % 40 == c % 40 ? c : 0) "\n"
      print "M 644 inline folder" (c + f) % 50 "/file" f "\ndata " length(text) "\n" text
    }
  }
}' | git fast-import --quiet
git repack -q -a -d -f --threads=1 --window=20
git log -p main | awk 'END { if (NR < 1000) exit 1 }'
