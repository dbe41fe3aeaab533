/* tree.c: binary trees are built and dropped while an older one stays, as in a compiler or an interpreter. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "binary trees are built and dropped beside one that stays; the point is their depth",
    .quick = "16",
    .full = "16 20",
};

struct node {
  struct node *left, *right;
};

static struct node *build(unsigned depth)
{
  struct node *node = bench_alloc(sizeof *node);
  node->left = depth ? build(depth - 1) : NULL;
  node->right = depth ? build(depth - 1) : NULL;
  return node;
}

static void drop(struct node *node)
{
  if (!node)
    return;
  drop(node->left);
  drop(node->right);
  free(node);
}

void bench_run(uint64_t depth, unsigned effort)
{
  enum { NODES = 2 << 20 };
  uint64_t rounds = (NODES >> depth) * effort;
  struct node *stays = build((unsigned)depth);
  for (uint64_t round = 0; round < rounds; round++)
    drop(build((unsigned)depth));
  drop(stays);
  bench_count((uint64_t)NODES * effort);
  bench_live(2 * (sizeof(struct node) << (depth + 1)));
}
