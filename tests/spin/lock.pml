/* lock.pml: the mutex on a futex, modelled on src/os/lock.c (brimi_lock_as, wait_for without its spinning, brimi_unlock),
 * with FUTEX_WAIT and FUTEX_WAKE as the kernel does them: a wait compares the word and falls asleep in one step, a wake ends one
 * sleep or none.
 *
 * Three threads take the lock again and again. Checked: what H1 and I4 rest on, that never two hold it; and no wake-up is
 * lost: no state in which all that want the lock sleep (invalid end states), each thread comes to its end.
 * BREAK_WAITERS: who slept takes the lock without LOCK_WAITERS. BREAK_WAIT: a wait that does not compare the word. Spin must
 * find an error with either. */
#define THREADS 3
#define ROUNDS 3
#define TOKEN(t) (2 * (t) + 2)
#define WAITERS 1
#define MARKED(word) ((word) | WAITERS)

byte word, inside;
bool asleep[THREADS];

inline take()
{
  if
  :: d_step { word == 0 -> word = TOKEN(me) } /* brimi_lock_as */
  :: else ->                                  /* wait_for */
     do
     :: seen = word;
        if
        :: seen == 0 ->
           if
#ifdef BREAK_WAITERS
           :: d_step { word == 0 -> word = TOKEN(me) } break
#else
           :: d_step { word == 0 -> word = MARKED(TOKEN(me)) } break
#endif
           :: else
           fi
        :: else ->
           if
           :: MARKED(seen) == seen -> wait()
           :: else ->
              if
              :: d_step { word == seen -> word = MARKED(seen) } wait()
              :: else
              fi
           fi
        fi
     od
  fi
}
inline wait()
{
  if
#ifdef BREAK_WAIT
  :: d_step { true -> asleep[me] = true } !asleep[me]
#else
  :: d_step { word == MARKED(seen) -> asleep[me] = true } !asleep[me]
#endif
  :: else
  fi
}
inline open()
{
  d_step { seen = word; word = 0 }
  if
  :: seen & WAITERS ->
     if
     :: d_step { asleep[0] -> asleep[0] = false }
     :: d_step { asleep[1] -> asleep[1] = false }
     :: d_step { asleep[2] -> asleep[2] = false }
     :: else
     fi
  :: else
  fi;
  seen = 0
}

active [THREADS] proctype Thread()
{
  byte me = _pid, rounds = ROUNDS, seen;
  do
  :: rounds > 0 ->
     rounds--;
     take();
     inside++;
     assert(inside == 1);
     inside--;
     open()
  :: else -> break
  od
}
