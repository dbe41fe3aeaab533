/* large.pml: freed mappings that are kept, modelled on src/core/large.h (brimi_large_alloc_fast, brimi_large_free_hot, brimi_large_free_slot),
 * src/core/large.c (take_slot, put_slot, take_kept, keep, brimi_large_flush, brimi_large_purge, destroy, map_block) and
 * src/core/pool.c (brimi_pool_put, brimi_pool_take, brimi_pool_take_oldest). Joining and cutting in the pool are left out.
 *
 * Two threads, each with a hot place and two slots of its own, a pool under a lock (its calls are one step each), and the
 * purger, which looks at the slots of both, takes from them and unmaps what is in the pool. Three mappings. Checked:
 *   I1 for large blocks: a mapping has one holder at a time, the program, a hot place, a slot, the pool, or the code that
 *      moves it; none is unmapped while somebody else holds it; none is lost: at the end all are unmapped.
 *   H1 a thread puts into its own hot place and slots only; others take from slots only.
 * BREAK_SLOT: the purger takes by a load and a store. BREAK_PUT: the owner puts on the fast path without looking whether the
 * slot is empty. Spin must find an error with either. */
#define MAPPINGS 3
#define NOBODY 0
#define PURGER 3
#ifndef OPS
#define OPS 2
#endif

byte hot[2], slot[4];          /* mapping 1 .. 3; 0: none. Slots 2t and 2t + 1 are thread t's */
bool pooled[4], mapped[4];
byte holder[4];                /* whose hands it is in: t + 1 or PURGER */
byte ended;

#define HELD(m) ((holder[m] != NOBODY) + pooled[m])
inline got(m, who) { assert(mapped[m] && holder[m] == NOBODY && !pooled[m]); holder[m] = who }
inline put(m, who) { assert(mapped[m] && holder[m] == who && !pooled[m]); holder[m] = NOBODY }

inline take_slot(i, who) { d_step { m = slot[i]; slot[i] = 0; if :: m -> got(m, who) :: else fi } }
inline exchange_slot(i, who) { d_step { put(m, who); n = slot[i]; slot[i] = m; m = n; n = 0; if :: m -> got(m, who) :: else fi } }
inline put_slot(i, who)
{
  if
  :: !slot[i] -> d_step { put(m, who); slot[i] = m; m = 0 }
  :: else -> exchange_slot(i, who)
  fi
}
inline empty_slot(i, who) { if :: slot[i] -> take_slot(i, who) :: else fi }
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

inline alloc() /* any place may hold one that does not serve: each step may be passed over */
{
  m = 0;
  if :: hot[t] -> d_step { m = hot[t]; hot[t] = 0; got(m, t + 1) } :: true fi;
  if :: !m && slot[2 * t] -> take_slot(2 * t, t + 1) :: else :: !m fi;
  if :: !m && slot[2 * t + 1] -> take_slot(2 * t + 1, t + 1) :: else :: !m fi;
  if :: !m -> pool_take(t + 1) :: else :: !m fi;
  if :: !m -> map(t + 1) :: else fi;
  if :: m -> assert(!mine[m]); mine[m] = true; m = 0 :: else fi
}
inline release() /* m */
{
  mine[m] = false;
  if
  :: !hot[t] -> d_step { put(m, t + 1); hot[t] = m; m = 0 }               /* the fast path, small */
#ifdef BREAK_PUT
  :: true ->
#else
  :: !slot[2 * t] ->                                                       /* the fast path, larger */
#endif
     d_step { put(m, t + 1); slot[2 * t] = m; m = 0 }
  :: true ->                                                               /* keep */
     if :: true -> d_step { put(m, t + 1); n = hot[t]; hot[t] = m; m = n; n = 0; if :: m -> got(m, t + 1) :: else fi } :: true fi;
     if :: m -> put_slot(2 * t, t + 1) :: else fi;
     if :: m -> put_slot(2 * t + 1, t + 1) :: else fi;
     if :: m -> pool_put(t + 1) :: else fi;
     pool_take(t + 1);                                                     /* over the bound: the oldest goes */
     if :: m && true -> unmap(t + 1) :: m -> pool_put(t + 1) :: else fi
  fi
}

proctype Thread(byte t)
{
  byte ops = OPS, m, n;
  bool mine[4];
  do
  :: ops > 0 -> ops--; alloc()
  :: mine[1] -> m = 1; release()
  :: mine[2] -> m = 2; release()
  :: mine[3] -> m = 3; release()
  :: ops == 0 && !mine[1] && !mine[2] && !mine[3] -> break
  od;
  if :: hot[t] -> d_step { m = hot[t]; hot[t] = 0; got(m, t + 1) } pool_put(t + 1) :: else fi; /* brimi_large_flush */
  empty_slot(2 * t, t + 1);
  if :: m -> pool_put(t + 1) :: else fi;
  empty_slot(2 * t + 1, t + 1);
  if :: m -> pool_put(t + 1) :: else fi;
  ended++
}
proctype Purger()
{
  byte i, m;
  bool last;
  do
  :: last = ended == 2;
     for (i : 0 .. 3) {
       if
       :: slot[i] -> /* the look; what is taken may be another one by then, or none */
#ifdef BREAK_SLOT
          m = slot[i];
          d_step { slot[i] = 0; if :: m -> got(m, PURGER) :: else fi }
#else
          take_slot(i, PURGER);
#endif
          if :: m -> pool_put(PURGER) :: else fi
       :: true
       fi
     }
     do
     :: pool_take(PURGER);
        if :: m -> unmap(PURGER) :: else -> break fi
     :: !last -> break
     od;
     if :: last -> break :: else fi
  od;
  assert(!mapped[1] && !mapped[2] && !mapped[3])
}
init { atomic { run Thread(0); run Thread(1); run Purger() } }
