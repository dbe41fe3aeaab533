/* remote.pml: a block's way between threads, modelled on
 *   src/core/heap.c   brimi_heap_take (with new_slab, take_from), brimi_heap_give (with give_to, slab_emptied),
 *                     brimi_heap_release_empty, brimi_heap_flush, thread_exit, orphan, adopt_or_make
 *   src/core/fastpath.h, alloc.c, bins.c   pop, push, a full bin, the outbox;   src/core/purge.c   visit_slab, purge_holes
 * One heap with room for two slabs of two blocks; Local 0 owns it and ends, Local 1 adopts it, Remote frees by its outbox,
 * Purger purges. Each load and store of shared memory is a step of its own; a lock is one step (lock.pml). Checked:
 *   I1, H2  a block is FREE, or in exactly one bin, outbox or pair of hands; at the end every block is FREE, none lost
 *   I2  used is the number of blocks that are not FREE, whenever the lock is taken or opened
 *   I3  a slab with FREE blocks is listed exactly once, a full one not at all
 *   I4  what the holder of the lock saw FREE is nobody's when it is taken or purged;   I5  *_ZERO blocks read as zero
 *   H3  the next thread finds the heap whole
 * DOUBLE: Local 0 and Remote free the same block at once, both having seen it LIVE. One of them finds it, at the latest at
 * its flush, or dies there of a slab that is gone, provided that nobody gets the block before both have flushed, and that
 * no flush falls between the other's look at the state and its store. Without either there is an error, a known limit:
 * DOUBLE_REUSE, the block gets two holders; DOUBLE_LATE, the late store hides the flush, and used becomes wrong.
 * Spin must find an error in these two and with BREAK_LOCK, no lock in Remote's flush; BREAK_PURGE, none in Purger;
 * BREAK_WORD, the states of a word written at once though one is taken. */
#ifdef DOUBLE_REUSE
#define REUSE 1
#else
#define REUSE 0
#endif
#define OPS(t) (2 + REUSE - (t)) /* calls of malloc by Local t */
#define WANTED (2 - REUSE)       /* blocks at a time from the slabs */
#define NONE 9
#define FREE_ZERO 0
#define FREE 1
#define CACHED_ZERO 2
#define CACHED 3
#define LIVE 4
#define TAKEN(x) (x >= CACHED_ZERO)
#define REMOTE 2
#if defined(DOUBLE) || defined(DOUBLE_LATE) || defined(DOUBLE_REUSE)
#define TWICE 1
#else
#define TWICE 0
#endif
#if TWICE && !defined(DOUBLE_LATE)
#define MAY_LOCK !within
#else
#define MAY_LOCK true
#endif

byte state[4], used[2], head = NONE, next[2], previous[2]; /* block b is of slab b / 2 */
bool made[2], listed[2], locked;
bool cached[12], owned[12]; /* [t * 4 + b]: in t's bin or outbox; with t's part of the program */
bool zero[4], out[4];       /* the block reads as zero; malloc returned it, and nobody has freed it since */
byte within;                /* threads between their look at a LIVE state and their store of CACHED */
byte orphaned, ended;       /* who may have the heap; threads that have ended */
bool ending, twice, misuse; /* Remote takes no more; a block was freed twice; that was found */
hidden byte s, k;

#define IN(t, b) cached[(t) * 4 + (b)]
#define OWN(t, b) owned[(t) * 4 + (b)]
#define HOLDERS(b) (IN(0, b) + IN(1, b) + IN(2, b) + OWN(0, b) + OWN(1, b) + OWN(2, b))
#define ANY(what, t) (what(t, 0) || what(t, 1) || what(t, 2) || what(t, 3))
#define PICK(what, t) if :: what(t, 0) -> b = 0 :: what(t, 1) -> b = 1 :: what(t, 2) -> b = 2 :: what(t, 3) -> b = 3 fi

inline check() { d_step { if :: REUSE :: else ->
  for (s : 0 .. 1) {
    assert(listed[s] == (made[s] && used[s] < 2));
    assert(!made[s] || used[s] == TAKEN(state[2 * s]) + TAKEN(state[2 * s + 1]))
  }
  for (s : 0 .. 3) {
    assert(TWICE || HOLDERS(s) == (made[s / 2] && TAKEN(state[s])));
    assert(!(made[s / 2] && (state[s] == FREE_ZERO || state[s] == CACHED_ZERO)) || zero[s])
  }
  s = head; k = 0;
  do :: s != NONE -> assert(listed[s] && k < 2); k++; s = next[s] :: else -> break od;
  assert(k == listed[0] + listed[1]) fi; s = 0; k = 0
} }
inline lock() { atomic { !locked && MAY_LOCK -> locked = true; check() } }
inline unlock() { atomic { check(); locked = false } }
inline found() { assert(TWICE); misuse = true }

inline list(i) { d_step {
  previous[i] = NONE; next[i] = head;
  if :: head != NONE -> previous[head] = i :: else fi;
  head = i; listed[i] = true
} }
inline unlist(i) { d_step {
  if :: previous[i] != NONE -> next[previous[i]] = next[i] :: else -> head = next[i] fi;
  if :: next[i] != NONE -> previous[next[i]] = previous[i] :: else fi;
  listed[i] = false
} }
inline new_slab() {
  if :: !made[0] -> i = 0 :: made[0] && !made[1] -> i = 1 :: else -> i = NONE fi;
  if
  :: i != NONE -> if :: u = FREE :: u = FREE_ZERO fi;
     d_step { for (s : 0 .. 1) { state[2 * i + s] = u; zero[2 * i + s] = u == FREE_ZERO }
              used[i] = 0; made[i] = true; s = 0 };
     list(i)
  :: else
  fi
}
#define TAKE(x, seen) assert(HOLDERS(x) == 0 || TWICE); state[x] = seen + 2; IN(me, x) = true

inline refill() { /* brimi_heap_take */
  lock(); n = 0;
  do
  :: n == WANTED -> break
  :: n && head == NONE -> break
  :: else ->
     if :: head == NONE -> new_slab() :: else fi;
     if :: head == NONE -> break :: else -> i = head fi;
     v = state[2 * i]; w = state[2 * i + 1]; u = n;
     if
#ifdef BREAK_WORD
     :: n == 0 && !TAKEN(v) && TAKEN(w) -> d_step { TAKE(2 * i, v); state[2 * i + 1] = w }; n = 1
#endif
     :: n == 0 && WANTED == 2 && !TAKEN(v) && !TAKEN(w) -> d_step { TAKE(2 * i, v); TAKE(2 * i + 1, w) }; n = 2
     :: else ->
        if :: !TAKEN(v) -> d_step { TAKE(2 * i, v) }; n++ :: else fi;
        if :: !TAKEN(w) && n < WANTED -> d_step { TAKE(2 * i + 1, w) }; n++ :: else fi
     fi;
     v = used[i]; used[i] = v + n - u;
     if :: used[i] == 2 -> unlist(i) :: else fi
  od;
  unlock()
}
inline give() { /* block b, to its slab */
  i = b / 2;
  if
  :: !made[i] || !TAKEN(state[b]) -> found()
  :: else -> d_step { assert(TWICE || state[b] != LIVE); state[b] = FREE; zero[b] = false; IN(me, b) = false };
     v = used[i]; used[i] = v - 1;
     if :: !listed[i] -> list(i) :: else fi;
     if :: used[i] == 0 && (next[i] != NONE || previous[i] != NONE) -> unlist(i); made[i] = false :: else fi
  fi
}
inline give_all() { do :: ANY(IN, me) -> PICK(IN, me); give() :: else -> break od }
inline malloc() {
  if :: !ANY(IN, me) -> refill() :: else fi;
  if
  :: ANY(IN, me) -> atomic { PICK(IN, me); assert(!out[b]); out[b] = true; assert(state[b] != CACHED_ZERO || zero[b]);
                             state[b] = LIVE; IN(me, b) = false; OWN(me, b) = true; zero[b] = false }
  :: else
  fi
}
inline free() { /* block b: to the bin or the outbox */
  if :: d_step { state[b] == LIVE -> within++ } :: else -> found() fi;
  d_step { within--; state[b] = CACHED; out[b] = false; OWN(me, b) = false; IN(me, b) = true }
}
inline let_go() { /* of a block of mine: frees it, or gives it to Remote */
  PICK(OWN, me);
  if
  :: IN(me, 0) + IN(me, 1) + IN(me, 2) + IN(me, 3) == 2 -> v = b; lock(); PICK(IN, me); give(); unlock()
  :: else -> free(); stale = false
  :: atomic { !ending && !OWN(REMOTE, b) -> OWN(REMOTE, b) = true;
       if :: TWICE && !twice -> twice = true; stale = true :: else -> OWN(me, b) = false fi }
     if :: TWICE && !REUSE -> ops = 0 :: else fi
  fi
}

proctype Local(byte me)
{
  byte ops = OPS(me), b, i, n, u, v, w;
  bool stale;
  {
    atomic { orphaned == me -> orphaned = NONE };
    do
    :: ops > 0 && !stale -> ops--; malloc()
    :: ANY(OWN, me) -> let_go()
    :: ops == 0 && !ANY(OWN, me) -> break
    od;
    if :: ANY(IN, me) -> lock(); give_all(); unlock() :: else fi;
    lock();
    for (i : 0 .. 1) { if :: made[i] && used[i] == 0 -> unlist(i); made[i] = false :: else fi }
    unlock();
    d_step { orphaned = me + 1; ended++ }
  } unless { misuse }
}
proctype Remote()
{
  byte b, i, v, me = REMOTE;
  {
    do
    :: ANY(OWN, me) -> PICK(OWN, me); free()
#ifdef BREAK_LOCK
    :: ANY(IN, me) -> give_all()
#else
    :: ANY(IN, me) -> lock(); give_all(); unlock()
#endif
    :: d_step { !ANY(OWN, me) && !ANY(IN, me) -> ending = true }; break
    od;
    ended++
  } unless { misuse }
}
proctype Purger()
{
  byte b;
  {
end:do
#ifdef BREAK_PURGE
    :: true ->
#else
    :: lock() ->
#endif
       for (b : 0 .. 3) {
         if
         :: made[b / 2] && state[b] == FREE -> d_step { assert(TWICE || HOLDERS(b) == 0); zero[b] = true }; state[b] = FREE_ZERO
         :: else
         fi
       }
#ifndef BREAK_PURGE
       unlock()
#endif
    od
  } unless { misuse }
}
init
{
  atomic { run Remote(); run Local(0);
#if !REUSE
    run Purger();
#endif
#if !TWICE
    run Local(1)
#else
    orphaned = 0; ended = 1
#endif
  }
  atomic { ended == 3 && !locked || misuse ->
    if
    :: misuse || REUSE
    :: else -> assert(!twice); check(); assert(!made[0] || !TAKEN(state[0]) && !TAKEN(state[1]));
               assert(!made[1] || !TAKEN(state[2]) && !TAKEN(state[3]))
    fi }
}
