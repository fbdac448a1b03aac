/* The saga's events over a broker that delivers at least once (Spin 6.5.2).
 *
 * Two steps follow each other by events. The second may fail; else it waits for an answer from
 * outside, with a timer beside it. Where it fails, or the timer is first, the saga goes back over
 * what was done, in reverse. What comes from outside, the request and the answer, is stored in the
 * inbox and acknowledged, and runs from there. An event of the saga's own is acknowledged at once
 * and only wakes: whether its step may run, the journal says, and what nobody wakes is swept. What
 * follows from a step is in the outbox of the same commit. A message may be parked, and replayed
 * later, also twice. What was handled is forgotten some time.
 *
 *  A1 once         a step's transition is applied at most once, and its undoing too
 *  A2 no ghost     nobody gets an event whose producer did not commit
 *  A3 no loss      at quiescence the saga is complete or rolled back, and the world was told
 *  A4 one outcome  never complete and rolled back
 *  A5 in reverse   only what was done is undone, the last first
 *
 * Faults: crashes, publications and confirms that get lost (FAULTS), parkings (PARKS).
 * Mutants: ACK_EARLY (acknowledged before the inbox has it), MARK_EARLY (marked sent before the
 * confirm), NO_INBOX (nothing remembers what was handled), PUBLISH_EARLY (published before the
 * commit), NO_SWEEP (the outbox is published from memory alone), NO_INBOX_SWEEP (the inbox is run
 * from memory alone), NO_ROTATION_SWEEP (nobody wakes a rotation but its events), NO_STATE (an
 * event runs its step whatever the journal says), SHORT_RETENTION (handled events are forgotten
 * while one is parked), LATE_ANSWER (an answer counts after the timer), UNDO_ALL (steps that were
 * not done are undone), UNDO_TWICE (undoing is not recorded). NEVER_COMPLETE and NEVER_BACK claim
 * that an end is not reached, and have to fail, too: a model in which nothing happens would hold. */
#define N 2
#ifndef FAULTS
#define FAULTS 1
#endif
#ifndef PARKS
#define PARKS 0
#endif

/* Queues: a step's own number, then these. */
#define ANSWER N
#define UNDO (N + 1)
#define CONSUMERS (N + 2)
#define COMPLETED (N + 2)
#define UNDONE (N + 3)
#define QUEUES (N + 4)
/* A full queue already holds copies of the same event. */
#define CAP 2

#define WAITING 1
#define COMPLETE 2
#define BACK 3

byte q[QUEUES];
bool unacked[CONSUMERS];
byte parked[CONSUMERS];
byte inbox[CONSUMERS];      /* of what comes from outside: 0 not there, 1 received, 2 handled */
byte outbox[CONSUMERS];     /* 0 nothing, 1 to be sent, 2 sent */
byte committed[N];
byte undone[N];
byte outcome = 0;
byte outcomes = 0;
bool isUndoing = false;
byte undoing = 0;           /* how many steps are still to be undone */
byte faults = 0;
byte parkings = 0;
byte replays = 0;

inline publish(to) { if :: q[to] < CAP -> q[to]++ :: else fi }

/* Where a producer's event goes; the last step's is the timer's. */
inline destination(producer) {
  if
  :: producer < N - 1 -> to = producer + 1
  :: producer == N - 1 -> to = UNDO
  :: producer == ANSWER -> to = COMPLETED
  :: producer == UNDO -> to = UNDONE
  fi
}

inline conclude(how) {
  outcome = how;
  outcomes++;
  assert(outcomes <= 1)                                                /* A4 */
}

/* Whether the journal lets a step of the saga's own run. */
#define MAY_RUN(i) ((i > 0 && i < N && committed[i - 1] == 1 && committed[i] == 0 && outcome == 0) \
  || (i == UNDO && outcome == BACK && !isUndoing))

/* The transition of a step, within its commit. */
inline transition(i) {
  if
  :: i < N - 1 -> committed[i]++; assert(committed[i] <= 1); outbox[i] = 1        /* A1 */
  :: i == N - 1 -> committed[i]++; assert(committed[i] <= 1); outcome = WAITING   /* A1 */
  :: i > 0 && i < N -> conclude(BACK); outbox[N - 1] = 1                           /* it fails */
  :: i == ANSWER ->
     if
#ifdef LATE_ANSWER
     :: true -> conclude(COMPLETE); outbox[ANSWER] = 1
#else
     :: outcome == WAITING -> conclude(COMPLETE); outbox[ANSWER] = 1
     :: else                                       /* it came late, and changes nothing */
#endif
     fi
  :: i == UNDO ->
     isUndoing = true;
#ifdef UNDO_ALL
     undoing = N
#else
     undoing = committed[0] + committed[1];
#endif
  fi
}

inline may_crash(i) {
  if
  :: atomic { faults < FAULTS -> faults++;
              if :: unacked[i] -> unacked[i] = false; publish(i) :: else fi; goto end_idle }
  :: skip
  fi
}

inline deliver(i) {
  q[i]--;
  unacked[i] = true;
  assert(i == 0 || i == UNDO || i == ANSWER || committed[i - 1] == 1); /* A2 */
  assert(i != ANSWER || committed[N - 1] == 1);                        /* A2 */
  assert(i != UNDO || outcome == BACK)                                 /* A2 */
}

#define MAY_PARK(i) \
  if \
  :: atomic { parkings < PARKS -> parkings++; parked[i]++; unacked[i] = false; goto end_idle } \
  :: skip \
  fi

/* The request, and the answer: what comes from outside. */
proctype FromOutside(byte i) {
  byte to;
end_idle:
  do
  :: atomic { q[i] > 0 && !unacked[i] -> deliver(i) };
     MAY_PARK(i);
#ifdef ACK_EARLY
     unacked[i] = false;
#endif
     may_crash(i);
#ifdef PUBLISH_EARLY
     atomic { destination(i); publish(to) };
     may_crash(i);
#endif
#ifdef NO_INBOX
     inbox[i] = 1;
#else
     atomic { if :: inbox[i] == 0 -> inbox[i] = 1 :: else fi };
#endif
     may_crash(i);
     unacked[i] = false;
#ifdef NO_INBOX_SWEEP
     may_crash(i);
     d_step { if :: inbox[i] == 1 -> inbox[i] = 2; transition(i) :: else fi }
#else
  :: atomic { inbox[i] == 1 -> inbox[i] = 2; transition(i) }
#endif
  od
}

/* The saga's own events, which only wake. Between delivery and commit nobody else looks at what
 * changes, so that each way it may end is one step: delivered again since the process died before
 * the acknowledgement, forgotten since it died after, parked, or taken. */
proctype WakeUp(byte i) {
end_idle:
  do
  :: atomic { q[i] > 0 -> deliver(i); unacked[i] = false;
              if
              :: faults < FAULTS -> faults++; publish(i)
              :: faults < FAULTS -> faults++
              :: parkings < PARKS -> parkings++; parked[i]++
#ifdef NO_STATE
              :: transition(i)
#else
              :: MAY_RUN(i) -> transition(i)
              :: !MAY_RUN(i)
#endif
              fi }
#ifndef NO_ROTATION_SWEEP
  /* A worker that starts, or sweeps, finds what is open. */
  :: atomic { MAY_RUN(i) -> transition(i) }
#endif
  :: atomic { i == UNDO && undoing > 0 ->
       /* One step of the way back, in a commit of its own. */
       undone[undoing - 1]++;
       assert(undone[undoing - 1] <= 1);                               /* A1 */
       assert(committed[undoing - 1] == 1);                            /* A5 */
       assert(undoing == N || undone[undoing] == committed[undoing]);  /* A5 */
#ifdef UNDO_TWICE
       if :: undoing-- :: faults < FAULTS -> faults++ fi;
#else
       undoing--;
#endif
       if :: undoing == 0 -> outbox[UNDO] = 1 :: else fi }
  od
}

/* Publishes what is in the outbox until it is confirmed, and marks it sent then. The mark is read
 * by nobody else. */
proctype Relay(byte i) {
  byte to;
  bool isGiven = false;
  atomic { destination(i) };
end_idle:
  do
  :: atomic { outbox[i] == 1 && !isGiven ->
#ifdef NO_SWEEP
       isGiven = true;
#endif
#ifdef MARK_EARLY
       outbox[i] = 2;
#endif
       if
       :: faults < FAULTS -> faults++                  /* it never reached the broker */
       :: publish(to);
          if
          :: faults < FAULTS -> faults++               /* the confirm was lost, or it died */
          :: outbox[i] = 2
          fi
       fi }
  od
}

proctype Timer() {
end_idle:
  atomic { outcome == WAITING -> conclude(BACK); outbox[N - 1] = 1 }
}

proctype Outsider() {
end_idle:
  atomic { committed[N - 1] == 1 -> publish(ANSWER) }
}

/* A person replays what is parked: it leaves the parked queue once its copy is confirmed, so that
 * two persons, or a lost confirm, make two copies. */
#define REPLAY(i) :: atomic { parked[i] > 0 -> publish(i); \
                              if :: parked[i]-- :: replays < 1 -> replays++ fi }
proctype Operator() {
end_idle:
  do
  REPLAY(0)
  REPLAY(1)
  REPLAY(ANSWER)
  REPLAY(UNDO)
  od
}

/* Forgets what was handled, after a time that is longer than any copy of it can live. */
#ifdef SHORT_RETENTION
#define IS_PARKED(i) false
#else
#define IS_PARKED(i) (parked[i] > 0)
#endif
#define FORGET(i) :: atomic { inbox[i] == 2 && q[i] == 0 && !unacked[i] && !IS_PARKED(i) -> \
                              inbox[i] = 0 }
proctype Retention() {
end_idle:
  do
  FORGET(0)
  FORGET(ANSWER)
  od
}

init {
  byte i;
  atomic {
    q[0] = 1;
    i = 0;
    do
    :: i < CONSUMERS ->
       if :: i == 0 || i == ANSWER -> run FromOutside(i) :: else -> run WakeUp(i) fi;
       run Relay(i);
       i++
    :: else -> break
    od;
    run Timer();
    run Outsider();
    if :: PARKS > 0 -> run Operator(); run Retention() :: else fi
  };
  timeout ->
    assert(outcome == COMPLETE || outcome == BACK);                    /* A3 */
#ifdef NEVER_COMPLETE
    assert(outcome != COMPLETE || faults == 0);
#endif
#ifdef NEVER_BACK
    assert(outcome != BACK || undone[1] == 0 || replays == 0);
#endif
    assert(outcome != COMPLETE || q[COMPLETED] >= 1);                  /* A3 */
    assert(outcome != BACK || q[UNDONE] >= 1);                         /* A3 */
    assert(outcome != BACK || (undone[0] == committed[0] && undone[1] == committed[1])) /* A3 */
}
