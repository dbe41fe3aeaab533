#!/bin/bash
# git.sh: a repository is filled, packed anew by several threads and checked.
. "$(dirname "$0")/real.sh"
needs git
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b HOME=$PWD
commits=$(quick 300 5000)
git init -q -b main repository
awk -v n="$commits" 'BEGIN { srand(1)
  for (c = 1; c <= n; c++) {
    printf "commit refs/heads/main\nmark :%d\ncommitter a <a@b> %d +0000\ndata 8\ncommit %%\n", c, 1000000000 + c
    if (c > 1) printf "from :%d\n", c - 1
    text = ""; for (l = 0; l < 200; l++) text = text int(rand() * (l == c % 200 ? 1000000 : 3)) " line\n"
    printf "M 644 inline file%d\ndata %d\n%s\n", c % 50, length(text), text
  } }' | sed 's/^commit %$/commit n/' >stream
check 'fast-import' sh -c 'cd repository && LD_PRELOAD=$LIB git fast-import --quiet <../stream'
check 'repack with threads' on_brim git -C repository -c pack.threads=4 repack -adfq --depth=50 --window=50
check 'fsck' on_brim git -C repository fsck --full --strict
check 'clone' on_brim git clone -q --no-local repository copy
check 'the same objects' sh -c \
  'a=$(git -C repository rev-list --objects --all | sort | sha256sum) &&
   b=$(git -C copy rev-list --objects --all | sort | sha256sum) && test "$a" = "$b"'
same 'log with patches' git -C repository log -p --stat
check 'gc' on_brim git -C copy gc -q --aggressive --prune=now
check 'fsck of the clone' git -C copy fsck --full
end
