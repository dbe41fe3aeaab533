#!/bin/sh
# gcc.sh: a compiler that optimises; the largest process is the compiler proper.
if [ "$1" = --describe ]; then
  echo "suite programs"
  echo "help GCC compiles functions with optimisation"
  echo "needs gcc"
  echo "quick 1"
  echo "full 1"
  exit
fi
{
  cat <<'END'
struct node { struct node *left, *right; int key; double weight; };
#define FUNCTION(name)                                                                            \
  double name(struct node *n, const int *keys, int count) {                                      \
    double sum = 0;                                                                               \
    for (int i = 0; i < count; i++) {                                                             \
      struct node *at = n;                                                                        \
      while (at && at->key != keys[i]) at = keys[i] < at->key ? at->left : at->right;             \
      switch (keys[i] % 7) {                                                                      \
      case 0: sum += at ? at->weight : 1; break;                                                  \
      case 1: sum *= 1.5; break;                                                                  \
      case 3: sum -= keys[count - 1 - i]; break;                                                  \
      default: sum += keys[i] * sum / (i + 1);                                                    \
      }                                                                                           \
    }                                                                                             \
    return sum;                                                                                   \
  }
#define FOUR(name) FUNCTION(name##a) FUNCTION(name##b) FUNCTION(name##c) FUNCTION(name##d)
#define SIXTEEN(name) FOUR(name##a) FOUR(name##b) FOUR(name##c) FOUR(name##d)
END
  i=0
  while [ "$i" -lt "$2" ]; do
    i=$((i + 1))
    echo "SIXTEEN(f$i)"
  done
} | exec gcc -O2 -S -o /dev/null -xc -
