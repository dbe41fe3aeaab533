/* remote.pml: a block's way between threads, modelled on
 *   src/core/slab.c, slabs.c, heap.c   brimi_heap_take (with brimi_slabs_new, take_from), brimi_heap_give (with give_to,
 *                     brimi_slabs_emptied), brimi_slabs_release_empty, brimi_heap_flush, thread_exit, orphan, adopt_or_make
 *   src/core/mail.c   brimi_mail_send (with brimi_mail_pack, close_parcel, post), brimi_mail_open_all (as post and
 *                     deliver), brimi_mail_receive (with unpack), brimi_mail_deliver (with take_all, open_parcels)
 *   src/core/fastpath.h, alloc.c, bins.c   pop, push, a full bin, refill;   src/core/purge.c   deliver_all, purge_holes
 * One heap with room for two slabs of two blocks; Local 0 owns it and ends, Local 1 adopts it, Remote frees by parcels, of
 * which there are two, and where there is none to be had to the slab at once; Purger delivers and purges. A parcel may go at
 * any time, a block may be of another class than the bin that ran dry. Each load and store of shared memory is a step of
 * its own; a lock is one step (lock.pml). Checked:
 *   I1, H2  a block is FREE, or in exactly one bin, parcel or pair of hands; at the end every block is FREE, none lost
 *   I2  used is the number of blocks that are not FREE, whenever the lock is taken or opened
 *   I3  a slab with FREE blocks is listed exactly once, a full one not at all
 *   I4  what the holder of the lock saw FREE is nobody's when it is taken or purged; a block is SENT in a parcel, and
 *       received from there by who has taken the parcel only;   I5  *_ZERO blocks read as zero
 *   H3  the next thread finds the heap whole;   and no parcel is lost, or opened twice
 * GUEST: Local 1 is there from the start, and uses the same slabs, mailbox and inbox. Each block is in a parcel at first, two of
 * which come late; without Remote and Purger.
 * SENDERS=2: Remote twice, and no Local 1; for pushes that meet. Then, and with DOUBLE, a sender may find the mailbox too
 * full at any time.
 * DOUBLE, without Purger: Local 0 and Remote free the same block at once, both having seen it LIVE; with SENDERS=2, both
 * Remotes do. One of the three finds it, at the latest when the block goes back to its slab, or dies there of a slab that is
 * gone, provided that nobody gets the block before, and that it is neither given to its slab nor received between another's
 * look at its state and store. Without either there is an error, a known limit: DOUBLE_REUSE, the block gets two holders;
 * DOUBLE_RECEIVE with SENDERS=2, the same by what Local 0 receives; DOUBLE_LATE, the late store hides that the block was given
 * back, and used becomes wrong.
 * Spin must find an error in these three and with BREAK_LOCK, no lock where another thread delivers; BREAK_PURGE, none in
 * Purger; BREAK_WORD, the states of a word written at once though one is taken; BREAK_TAKE, the mailbox taken by a load and
 * a store; BREAK_INBOX, the inbox likewise; BREAK_PUT with GUEST, put into the inbox by a store; BREAK_POST, a parcel pushed
 * by a store; BREAK_END, a parcel kept at the end of its thread; BREAK_SENT with DOUBLE, received without a look at the
 * state. */
#if defined(DOUBLE) || defined(DOUBLE_LATE) || defined(DOUBLE_REUSE) || defined(DOUBLE_RECEIVE)
#define TWICE 1
#else
#define TWICE 0
#endif
#ifdef DOUBLE_REUSE
#define REUSE 1
#else
#define REUSE 0
#endif
#ifdef DOUBLE_RECEIVE
#define AGAIN 1
#define MAY_AGAIN !ANY(OWN, REMOTE) && !ANY(OWN, REMOTE + 1) /* after both frees */
#else
#define MAY_AGAIN true
#define AGAIN REUSE /* Local calls malloc once more, after the block was freed twice */
#endif
#ifndef SENDERS
#define SENDERS 1
#endif
#ifdef GUEST
#define OPS(t) 1 /* calls of malloc by Local t */
#else
#define OPS(t) (2 + REUSE - (t))
#endif
#define WANTED (2 - AGAIN)       /* blocks at a time from the slabs */
#define NONE 9
#define UNUSED 8
#define FREE_ZERO 0
#define FREE 1
#define CACHED_ZERO 2
#define CACHED 3
#define LIVE 4
#define SENT 5
#define TAKEN(x) (x >= CACHED_ZERO)
#define REMOTE 2
#define THREADS (REMOTE + SENDERS)
#define PARCEL(p) (THREADS + (p))
#ifdef GUEST
#define PARCELS 4
#else
#define PARCELS 2
#endif
#ifdef BREAK_LOCK
#define DELIVERS_LOCKED false
#else
#define DELIVERS_LOCKED true
#endif
#if TWICE && !defined(DOUBLE_LATE)
#define MAY_LOCK !within
#define MAY_LOOK !within && !locked
#else
#define MAY_LOCK true
#define MAY_LOOK true
#endif

byte state[4], used[2], head = NONE, next[2], previous[2]; /* block b is of slab b / 2 */
bool made[2], listed[2], locked;
bool cached[(THREADS + PARCELS) * 4]; /* [c * 4 + b]: in thread c's bin or hands, or in a parcel */
bool owned[THREADS * 4];              /* with t's part of the program */
byte mailbox = NONE, inbox = NONE, after[PARCELS] = UNUSED; /* the first parcel in each; the one behind a parcel, or that it is no parcel */
bool zero[4], out[4];       /* the block reads as zero; malloc returned it, and nobody has freed it since */
byte within;                /* threads between their look at a state and their store */
byte orphaned, ended;       /* who may have the heap; threads that have ended */
bool ending, twice, misuse; /* Remote takes no more; a block was freed twice; that was found */
byte s, k, h; /* for check, else 0 */

#define IN(c, b) cached[(c) * 4 + (b)]
#define OWN(t, b) owned[(t) * 4 + (b)]
#define ANY(what, t) (what(t, 0) || what(t, 1) || what(t, 2) || what(t, 3))
#define COUNT(what, t) (what(t, 0) + what(t, 1) + what(t, 2) + what(t, 3))
#define PICK(what, t) if :: what(t, 0) -> b = 0 :: what(t, 1) -> b = 1 :: what(t, 2) -> b = 2 :: what(t, 3) -> b = 3 fi

inline count_holders(x) { /* in h */
  h = 0;
  for (k : 0 .. THREADS + PARCELS - 1) { h = h + IN(k, x) }
  for (k : 0 .. THREADS - 1) { h = h + OWN(k, x) }
  k = 0
}
inline check() { d_step { if :: REUSE :: else ->
  for (s : 0 .. 1) {
    assert(listed[s] == (made[s] && used[s] < 2));
    assert(!made[s] || used[s] == TAKEN(state[2 * s]) + TAKEN(state[2 * s + 1]))
  }
  for (s : 0 .. 3) {
    count_holders(s);
    assert(TWICE || h == (made[s / 2] && TAKEN(state[s])));
    assert(!(made[s / 2] && (state[s] == FREE_ZERO || state[s] == CACHED_ZERO)) || zero[s])
  }
  s = head; k = 0;
  do :: s != NONE -> assert(listed[s] && k < 2); k++; s = next[s] :: else -> break od;
  assert(k == listed[0] + listed[1]) fi; s = 0; k = 0; h = 0
} }
inline lock() { atomic { !locked && MAY_LOCK -> locked = true; check() } }
inline unlock() { atomic { check(); locked = false } }
inline found() { assert(TWICE); misuse = true }

/* ---- slabs, under the lock */

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
#define TAKE(x, seen) count_holders(x); assert(h == 0 || TWICE); h = 0; state[x] = seen + 2; IN(me, x) = true

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
  atomic { i = 0; n = 0; u = 0; v = 0; w = 0 };
  unlock()
}
inline give(c) { /* block b, from where it is, to its slab */
  i = b / 2;
  if
  :: !made[i] || !TAKEN(state[b]) || state[b] == LIVE -> found()
  :: else -> d_step { state[b] = FREE; zero[b] = false; IN(c, b) = false };
     v = used[i]; used[i] = v - 1;
     if :: !listed[i] -> list(i) :: else fi;
     if :: used[i] == 0 && (next[i] != NONE || previous[i] != NONE) -> unlist(i); made[i] = false :: else fi
  fi;
  atomic { i = 0; v = 0; b = 0 }
}
inline give_all(c) { do :: ANY(IN, c) -> PICK(IN, c); give(c) :: else -> break od }

/* ---- mail */

inline take_all() {
#ifdef BREAK_TAKE
  m = mailbox; mailbox = NONE
#else
  d_step { m = mailbox; mailbox = NONE }
#endif
}
inline take_inbox() {
#ifdef BREAK_INBOX
  m = inbox; inbox = NONE
#else
  d_step { m = inbox; inbox = NONE }
#endif
}
#define MAIL (mailbox != NONE || inbox != NONE)
inline open_mailbox(is_locked) {
  do
  :: m != NONE ->
     assert(after[m] != UNUSED);
     if
     :: ANY(IN, PARCEL(m)) ->
        if :: is_locked -> lock() :: else fi;
        give_all(PARCEL(m));
        if :: is_locked -> unlock() :: else fi
     :: else
     fi;
     assert(after[m] != UNUSED);
     d_step { v = m; m = after[v]; after[v] = UNUSED; v = 0 }
  :: else -> m = 0; break
  od
}
inline deliver(is_locked) {
  if :: mailbox != NONE -> take_all(); open_mailbox(is_locked) :: else fi;
  if :: inbox != NONE -> take_inbox(); open_mailbox(is_locked) :: else fi
}
inline receive() {
  if :: inbox != NONE -> take_inbox() :: else -> m = NONE fi;
  if :: m == NONE && mailbox != NONE -> take_all() :: else fi;
  p = m; m = NONE; /* m: the opened */
  do
  :: p != NONE ->
     assert(after[p] != UNUSED);
     for (b : 0 .. 3) {
       if
       :: IN(PARCEL(p), b) -> skip /* of another class, or there is no room */
       :: atomic { IN(PARCEL(p), b) && COUNT(IN, me) < 2 && MAY_LOOK ->
#ifndef BREAK_SENT
            if :: state[b] == SENT -> within++; u = 1 :: else -> assert(TWICE) fi }
#else
            within++; u = 1 }
#endif
          if :: u -> d_step { within--; state[b] = CACHED; IN(PARCEL(p), b) = false; IN(me, b) = true; u = 0 } :: else fi
       :: else
       fi
     }
     skip;
     d_step { v = after[p]; after[p] = m; m = p; p = v; v = 0 }
  :: m != NONE || p == NONE -> break /* the bin is full */
  od;
#ifdef BREAK_PUT
  inbox = p; p = NONE;
#else
  if :: p != NONE -> d_step { v = inbox; inbox = p; p = v; v = 0 } /* p: what another has put there meanwhile */ :: else fi;
#endif
  b = 0;
  open_mailbox(true);
  atomic { m = p; p = 0 };
  open_mailbox(true)
}
inline post() {
  after[p] = mailbox;
#ifdef BREAK_POST
  mailbox = p;
#else
  do :: d_step { mailbox == after[p] -> mailbox = p }; break :: else -> after[p] = mailbox od;
#endif
  p = NONE;
#if SENDERS == 2 || TWICE
  if :: true :: MAIL -> deliver(DELIVERS_LOCKED) fi /* the mailbox is too full */
#endif
}

/* ---- threads */

inline malloc() {
  if :: !ANY(IN, me) && MAIL -> receive() :: else fi;
  if :: !ANY(IN, me) -> refill() :: else fi;
  if
  :: ANY(IN, me) -> atomic { PICK(IN, me); assert(!out[b]); out[b] = true;
                             assert(state[b] != CACHED_ZERO || zero[b]); state[b] = LIVE;
                             IN(me, b) = false; OWN(me, b) = true; zero[b] = false; b = 0 }
  :: else
  fi
}
inline free(to, where) { /* block b */
  if :: d_step { state[b] == LIVE -> within++ } :: else -> found() fi;
  d_step { within--; state[b] = to; out[b] = false; OWN(me, b) = false; IN(where, b) = true }
}
inline let_go() { /* of a block of mine: frees it, or gives it to Remote */
  PICK(OWN, me);
  if
  :: COUNT(IN, me) == 2 -> lock(); PICK(IN, me); give(me); unlock()
  :: else -> free(CACHED, me); stale = false
  :: atomic { !ending && !OWN(REMOTE, b) -> OWN(REMOTE, b) = true;
       if
#if SENDERS == 2
       :: TWICE && !twice -> twice = true; OWN(REMOTE + 1, b) = true; OWN(me, b) = false
#else
       :: TWICE && !twice -> twice = true; stale = true
#endif
       :: else -> OWN(me, b) = false
       fi }
     if :: TWICE && !AGAIN -> ops = 0 :: else fi
#if SENDERS == 2 && !TWICE
  :: atomic { !ending && !OWN(REMOTE + 1, b) -> OWN(REMOTE + 1, b) = true; OWN(me, b) = false }
#endif
  fi;
  b = 0
}

proctype Local(byte me)
{
  byte ops = OPS(me), b, i, n, u, v, w, m, p;
  bool stale;
  {
#ifndef GUEST
    atomic { orphaned == me -> orphaned = NONE };
#endif
    do
    :: ops > 0 && !stale && MAY_AGAIN -> ops--; malloc()
    :: ANY(OWN, me) -> let_go()
    :: TWICE && twice && !AGAIN && ANY(IN, me) && !stale -> lock(); give_all(me); unlock()
    :: TWICE && twice && !AGAIN && !ANY(IN, me) && MAIL -> receive() /* for another block */
    :: ops == 0 && !ANY(OWN, me) -> break
    od;
    if :: ANY(IN, me) -> lock(); give_all(me); unlock() :: else fi;
    deliver(true);
    lock();
    for (i : 0 .. 1) { if :: made[i] && used[i] == 0 -> unlist(i); made[i] = false :: else fi }
    unlock();
    d_step { orphaned = me + 1; ended++ }
  } unless { misuse }
}
proctype Remote(byte me)
{
  byte b, i, v, m, p = NONE; /* p: the open parcel */
  {
    do
    :: ANY(OWN, me) ->
       PICK(OWN, me);
       d_step { if :: p == NONE && after[0] == UNUSED -> p = 0; after[0] = NONE
                   :: p == NONE && after[0] != UNUSED && after[1] == UNUSED -> p = 1; after[1] = NONE
                   :: else fi }
       if
       :: p != NONE -> free(SENT, PARCEL(p)); b = 0
       :: else -> free(SENT, me); lock(); give(me); unlock()
       fi
    :: p != NONE -> post()
    :: d_step { !ANY(OWN, me) && p == NONE -> ending = true }; break
#ifdef BREAK_END
    :: d_step { !ANY(OWN, me) && p != NONE -> ending = true }; break
#endif
    od;
    ended++
  } unless { misuse }
}
/* Two more parcels come, when the others may be in somebody's hands. */
proctype Late()
{
  byte b, i, v, m, p;
  p = 2;
  post();
  p = 3;
  post();
  ended++
}
proctype Purger()
{
  byte b, i, v, m;
  {
    do
    :: MAIL -> deliver(DELIVERS_LOCKED)
#ifdef BREAK_PURGE
    :: ended < 3 ->
#else
    :: ended < 3 -> lock();
#endif
       for (b : 0 .. 3) {
         if
         :: made[b / 2] && state[b] == FREE -> d_step { count_holders(b); assert(TWICE || h == 0); h = 0; zero[b] = true };
            state[b] = FREE_ZERO
         :: else
         fi
       }
       b = 0;
#ifndef BREAK_PURGE
       unlock()
#endif
    :: ended == 3 && !MAIL -> break
    od;
    ended++
  } unless { misuse }
}
init
{
  byte b, i, v, m;
  atomic {
#ifdef GUEST
    for (b : 0 .. 3) { made[b / 2] = true; used[b / 2] = 2; state[b] = SENT; IN(PARCEL(b), b) = true; after[b] = NONE }
    b = 0; mailbox = 0; after[0] = 1; ending = true;
    run Late();
#else
    run Remote(REMOTE);
#endif
#if SENDERS == 2
    run Remote(REMOTE + 1);
#endif
    run Local(0);
#ifdef GUEST
    ended++
#elif !TWICE
    run Purger();
#else
    ended++;
#endif
#if !TWICE && SENDERS == 1
    run Local(1)
#elif SENDERS == 1
    ended++
#endif
  }
  atomic { ended == 4 || misuse }
  if
  :: misuse || REUSE
  :: else -> /* malloc_trim, for what came last */
     deliver(true);
     atomic { assert(!twice); check(); for (v : 0 .. PARCELS - 1) { assert(after[v] == UNUSED) }
              assert(!made[0] || !TAKEN(state[0]) && !TAKEN(state[1]));
              assert(!made[1] || !TAKEN(state[2]) && !TAKEN(state[3])) }
  fi
}
