/* large.pml: freed mappings that are kept, modelled on src/core/large.h (brimi_large_alloc_fast, brimi_large_keep_first),
 * src/core/large.c (take_slot, take_kept, keep, flush_from, close_slots, stays_taking, open_slots, destroy, map_block) and
 * src/core/pool.c (brimi_pool_put, brimi_pool_take, brimi_pool_take_oldest). Joining and cutting in the pool are left out.
 *
 * Two threads, each with two slots of its own, a pool under a lock (its calls are one step each), and the purger, which closes
 * the slots of both, takes from those whose thread is not taking, and unmaps what is in the pool. Three mappings. That a thread
 * is taking becomes visible at some time, at the latest by the fence or before what it writes next. Checked:
 *   I1 for large blocks: a mapping has one holder at a time, the program, a slot, the pool, or the code that moves it; none is
 *      unmapped while somebody else holds it; none is lost: at the end all are unmapped.
 *   H1 a thread puts into its own slots only; others take from slots only.
 * BREAK_TAKING: the purger takes though the thread is taking. BREAK_FENCE: no fence. BREAK_CLOSE: the purger does not close what it
 * takes. BREAK_PUT: the owner puts without looking whether the slot is empty. Spin must find an error with each. */
#define MAPPINGS 3
#define NOBODY 0
#define PURGER 3
#ifndef OPS
#define OPS 2
#endif

#define EMPTY 0
#define OPEN 1
#define CLOSED 2
byte slot[4], room[4];         /* mapping 1 .. 3, and whether it is there. Slots 2t and 2t + 1 are thread t's */
bool taking[2], seen[2];       /* as the thread has written it; as others see it */
bool pooled[4], mapped[4];
byte holder[4];                /* whose hands it is in: t + 1 or PURGER */
byte ended;

#define HELD(m) ((holder[m] != NOBODY) + pooled[m])
inline got(m, who) { assert(mapped[m] && holder[m] == NOBODY && !pooled[m]); holder[m] = who }
inline put(m, who) { assert(mapped[m] && holder[m] == who && !pooled[m]); holder[m] = NOBODY }

#define TAKEABLE(i) (room[i] == OPEN)
inline take_slot(i)
{
  taking[t] = true;
  if :: seen[t] = true :: true fi;
  if
  :: TAKEABLE(i) -> m = slot[i]; d_step { seen[t] = true; room[i] = EMPTY; slot[i] = 0; got(m, t + 1) }
  :: !TAKEABLE(i) -> m = 0
  fi;
  d_step { taking[t] = false; seen[t] = false }
}
inline fill_slot(i) { d_step { assert(room[i] == EMPTY); slot[i] = m; put(m, t + 1); room[i] = OPEN; m = 0 } } /* nobody looks at one that is empty */
inline pool_put(who) { d_step { put(m, who); pooled[m] = true; m = 0 } }
inline pool_take(who)
{
  if
  :: d_step { pooled[1] -> m = 1; pooled[m] = false; got(m, who) }
  :: d_step { pooled[2] -> m = 2; pooled[m] = false; got(m, who) }
  :: d_step { pooled[3] -> m = 3; pooled[m] = false; got(m, who) }
  :: else -> m = 0
  fi
}
inline map(who)
{
  if
  :: d_step { !mapped[1] -> m = 1; mapped[m] = true; got(m, who) }
  :: d_step { mapped[1] && !mapped[2] -> m = 2; mapped[m] = true; got(m, who) }
  :: d_step { mapped[1] && mapped[2] && !mapped[3] -> m = 3; mapped[m] = true; got(m, who) }
  :: else -> m = 0
  fi
}
inline unmap(who) { d_step { put(m, who); mapped[m] = false; m = 0 } }

inline alloc() /* any slot may hold one that does not serve: each step may be passed over */
{
  m = 0;
  if :: take_slot(2 * t) :: true fi;
  if :: !m -> take_slot(2 * t + 1) :: true fi;
  if :: !m -> pool_take(t + 1) :: else :: !m fi;
  if :: !m -> map(t + 1) :: else fi;
  if :: m -> assert(!mine[m]); mine[m] = true; m = 0 :: else fi
}
inline release() /* m */
{
  mine[m] = false;
  if
#ifdef BREAK_PUT
  :: true ->
#else
  :: room[2 * t] == EMPTY ->                                               /* the fast path */
#endif
     fill_slot(2 * t)
  :: true ->                                                               /* keep */
     n = m;
     take_slot(2 * t);
     if
     :: room[2 * t] == EMPTY ->
        older = m; m = n; n = 0;
        fill_slot(2 * t);
        m = 0;
        if :: older -> take_slot(2 * t + 1) :: else fi;
        if
        :: older && room[2 * t + 1] == EMPTY -> n = m; m = older; fill_slot(2 * t + 1); m = n
        :: older && room[2 * t + 1] != EMPTY -> m = older
        :: !older
        fi;
        older = 0
     :: else -> m = n
     fi;
     n = 0;
     if :: m -> pool_put(t + 1) :: else fi;
     pool_take(t + 1);                                                     /* over the bound: the oldest goes */
     if :: m && true -> unmap(t + 1) :: m -> pool_put(t + 1) :: else fi
  fi
}
inline flush(i) { take_slot(i); if :: m -> pool_put(t + 1) :: else fi }

proctype Thread(byte t, ops)
{
  byte m, n, older;
  bool mine[4];
  do
  :: ops > 0 -> ops--; alloc()
  :: mine[1] -> m = 1; release()
  :: mine[2] -> m = 2; release()
  :: mine[3] -> m = 3; release()
  :: ops == 0 && !mine[1] && !mine[2] && !mine[3] -> break
  od;
  flush(2 * t + 1);                                                        /* brimi_large_flush */
  flush(2 * t);
  ended++
}
inline close(i) { atomic { if :: room[i] == OPEN -> room[i] = CLOSED :: else fi } }
inline open(i)
{
  atomic {
    if
    :: room[i] == CLOSED && takes -> d_step { m = slot[i]; room[i] = EMPTY; slot[i] = 0; got(m, PURGER) }
    :: room[i] == CLOSED && !takes -> room[i] = OPEN
    :: else
    fi
  }
  if :: m -> pool_put(PURGER) :: else fi
}
inline empty_open(i) /* BREAK_CLOSE */
{
  if :: takes && room[i] == OPEN -> m = slot[i]; d_step { room[i] = EMPTY; slot[i] = 0; got(m, PURGER) } pool_put(PURGER) :: else fi
}
proctype Purger() /* a pass over the slots of one thread, and the pool, at a time */
{
  byte t, m;
  bool takes;
  do
  :: ended == 2 && !room[0] && !room[1] && !room[2] && !room[3] && !pooled[1] && !pooled[2] && !pooled[3] -> break
  :: else ->
     if :: t = 0 :: t = 1 fi;
#ifndef BREAK_CLOSE
     close(2 * t); close(2 * t + 1);
#endif
#ifndef BREAK_FENCE
     atomic { seen[t] = taking[t] }
#endif
     if :: !seen[t] -> takes = true :: takes = false fi;                   /* stays_taking: waits, but not for ever */
#ifdef BREAK_TAKING
     takes = true;
#endif
#ifdef BREAK_CLOSE
     empty_open(2 * t + 1); empty_open(2 * t);
#else
     open(2 * t + 1); open(2 * t);
#endif
     takes = false;
     do
     :: pool_take(PURGER);
        if :: m -> unmap(PURGER) :: else -> break fi
     :: break
     od
  od;
  assert(!mapped[1] && !mapped[2] && !mapped[3])
}
init { atomic { run Thread(0, OPS); run Thread(1, 1); run Purger() } }
