/* Two workers, one journal with claims, one target and one vault: a rotation from issuing the new
 * credential to revoking the old one, or back (Spin 6.5.2).
 *
 * A claim may lapse at any time, and its holder goes on with what it read; a worker may die at any
 * time, and a call that it had sent may land later. Calls are not safe to repeat.
 *
 *  L1 locked out   what the carrier names is accepted by the target, at every instant
 *  L2 orphan       a credential is at most made once, and named by an open intent or a later step
 *  L3 too early    the old credential ends only when the carrier names the new one and somebody
 *                  showed it; the new one only when the carrier names the old one again
 *  L4 order        a rotation never leaves an end, and goes on from where it is
 *  L5 progress     at quiescence it is closed or rolled back, with one credential left
 *
 * Mutants: NO_FENCING (a commit under whatever claim), NO_WAIT (absence is believed while a call
 * may still land), NO_LOOK (a call of unknown outcome is repeated), INTENT_AFTER (the intent is
 * recorded after the effect), LATE_EVENT (evidence counts whatever the step), EARLY_REVOKE (the
 * old credential ends with the promotion), NO_LAPSE_SWEEP (a rotation whose worker died is not
 * taken up again). NEVER_CLOSED and NEVER_BACK claim that an end is not reached, and have to fail,
 * too: a model in which nothing happens would hold. */
#ifndef LAPSES
#define LAPSES 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef LOSSES
#define LOSSES 1
#endif

/* Steps, in the journal's words; the order of the numbers is used nowhere. */
#define APPLY 0
#define PROMOTE 1
#define VERIFY 2
#define RETIRE 3
#define CLOSED 4
#define RESTORE 5
#define DISCARD 6
#define ROLLED_BACK 7

/* Deeds, of which an intent is recorded first. */
#define NONE 0
#define ISSUE 1
#define WRITE 2
#define REVOKE 3
#define WRITE_BACK 4
#define WITHDRAW 5

#define NOBODY 2

/* The journal. */
byte step = APPLY;
byte intent = NONE;
byte epoch = 0;
byte holder = NOBODY;

/* The world. */
byte made = 0;              /* credentials under this rotation's natural key */
bool old = true;            /* the target accepts the old credential */
bool namesNew = false;      /* what the carrier's latest version names */
byte flying[2];             /* a call that was sent, and has not ended */
bool hasLanded[2];          /* whether the call that has ended took effect */

/* What comes at a time of its own. */
bool shown = false;         /* a workload shows the new credential */
bool isLate = false;        /* the deadline of verify has passed */

byte lapses = 0;
byte deaths = 0;
byte losses = 0;

inline check_world() {
  assert(old || namesNew);                                             /* L1 */
  assert(made > 0 || !namesNew)                                        /* L1 */
}

inline land(deed) {
  if
  :: deed == ISSUE -> made++; assert(made == 1)                        /* L2 */
  :: deed == WRITE -> namesNew = true
  :: deed == REVOKE -> old = false; assert(namesNew && shown)          /* L3 */
  :: deed == WRITE_BACK -> namesNew = false
  :: deed == WITHDRAW -> made = 0; assert(!namesNew)                   /* L3 */
  fi;
  check_world()
}

/* Whether a deed is seen to be done. */
#define DONE(deed) ((deed == ISSUE && made > 0) || (deed == WRITE && namesNew) || \
  (deed == REVOKE && !old) || (deed == WRITE_BACK && !namesNew) || (deed == WITHDRAW && made == 0))

inline deed_of(at) {
  if
  :: at == APPLY -> deed = ISSUE
  :: at == PROMOTE -> deed = WRITE
  :: at == RETIRE -> deed = REVOKE
  :: at == RESTORE -> deed = WRITE_BACK
  :: at == DISCARD -> deed = WITHDRAW
  :: else -> deed = NONE
  fi
}

inline after(at) {
  if
  :: at == APPLY -> next = PROMOTE
#ifdef EARLY_REVOKE
  :: at == PROMOTE -> next = RETIRE
#else
  :: at == PROMOTE -> next = VERIFY
#endif
  :: at == RETIRE -> next = CLOSED
  :: at == RESTORE -> next = DISCARD
  :: at == DISCARD -> next = ROLLED_BACK
  :: else -> next = at
  fi
}

/* One commit: refused under a claim that is not the last. */
inline commit(newStep, newIntent) {
  d_step {
    if
#ifdef NO_FENCING
    :: true ->
#else
    :: mine == epoch ->
#endif
       assert(step != CLOSED && step != ROLLED_BACK);                  /* L4 */
#ifndef NO_FENCING
       assert(step == at);                                             /* L4 */
#endif
       step = newStep; intent = newIntent; isRefused = false
    :: else -> isRefused = true
    fi
  }
}

#define MAY_DIE :: deaths < DEATHS -> deaths++; goto died

proctype Worker(byte me) {
  byte mine, at, open, deed, next;
  bool isRefused;
idle:
end_idle:
  /* Anything may wake it: an event, a timer, the sweeper. */
  atomic {
    step != CLOSED && step != ROLLED_BACK && holder == NOBODY &&
      (step != VERIFY || shown || isLate);
    epoch++; holder = me; mine = epoch; at = step; open = intent
  };
  if :: open != NONE -> goto look :: else fi;
  if
  :: atomic { at == VERIFY && shown -> commit(RETIRE, NONE) }; goto over
  :: atomic { at == VERIFY && isLate -> commit(RESTORE, NONE) }; goto over
  :: at != VERIFY
  :: at == VERIFY && !shown && !isLate -> goto over
  fi;
  atomic { deed_of(at) };
#ifndef INTENT_AFTER
  commit(at, deed);
  if :: isRefused -> goto over :: else fi;
#endif
send:
  /* Only with more claim left than the call's own deadline. */
  if
  :: atomic { holder == me && mine == epoch -> flying[me] = deed; hasLanded[me] = false }
  :: atomic { !(holder == me && mine == epoch) -> goto over }
  fi;
  if
  :: flying[me] == NONE
  MAY_DIE
  fi;
#ifdef INTENT_AFTER
  commit(at, deed);
  if :: isRefused -> goto over :: else fi;
#endif
  if
  :: hasLanded[me] -> atomic { after(at); commit(next, NONE) }
  :: !hasLanded[me] -> commit(at, NONE)
  :: losses < LOSSES -> losses++                   /* the outcome is unknown: a look follows */
  fi;
  goto over;
look:
  atomic { deed = open };
#ifdef NO_LOOK
  goto send;
#endif
#ifndef NO_WAIT
  flying[0] == NONE && flying[1] == NONE;          /* the last call's deadline is over */
#endif
  if
  :: atomic { DONE(deed) -> after(at); commit(next, NONE) }
  :: atomic { !DONE(deed) -> commit(at, NONE) }
  fi;
over:
  atomic { if :: holder == me && mine == epoch -> holder = NOBODY :: else fi; goto idle };
died:
  /* What it had sent is on its way; its claim ends with time, and it is started again. */
#ifdef NO_LAPSE_SWEEP
  false;
#endif
  atomic { if :: holder == me && mine == epoch -> holder = NOBODY :: else fi; goto idle }
}

/* A call ends: it takes effect, or does not. */
proctype Target(byte caller) {
end_idle:
  do
  :: atomic { flying[caller] != NONE -> land(flying[caller]); hasLanded[caller] = true;
              flying[caller] = NONE }
  :: atomic { flying[caller] != NONE && losses < LOSSES -> losses++; flying[caller] = NONE }
  od
}

/* A claim's time ends while its holder is paused. */
proctype Time() {
end_idle:
  do
  :: atomic { holder != NOBODY && lapses < LAPSES -> lapses++; holder = NOBODY }
  :: atomic { step == VERIFY && !isLate -> isLate = true }
  od
}

/* A workload reloads, and shows what the carrier names; it may come after the deadline. */
proctype Workload() {
end_idle:
  atomic { namesNew -> shown = true };
#ifdef LATE_EVENT
  atomic { step != CLOSED && step != ROLLED_BACK -> step = RETIRE; intent = NONE }
#endif
}

/* A credential that nobody knows of: neither an intent nor a step names it. */
active proctype Observer() {
end_idle:
  atomic { made > 0 && step == APPLY && intent == NONE && flying[0] == NONE && flying[1] == NONE ->
           assert(false) }                                             /* L2 */
}

init {
  atomic { run Worker(0); run Worker(1); run Target(0); run Target(1); run Time(); run Workload() };
  timeout ->
    assert(step == CLOSED || step == ROLLED_BACK);                     /* L5 */
#ifdef NEVER_CLOSED
    assert(step != CLOSED || lapses == 0 || deaths == 0);
#endif
#ifdef NEVER_BACK
    assert(step != ROLLED_BACK || lapses == 0 || !shown);
#endif
    assert(intent == NONE);
    assert(step != CLOSED || (!old && namesNew && made == 1));
    assert(step != ROLLED_BACK || (old && !namesNew && made == 0))
}
