// Shows ThreadSanitizer what Swift's `Mutex` does when it has to wait.
//
// Synchronization.Mutex of Swift 6.3 is atomics in the program itself, which ThreadSanitizer sees,
// and futex calls in libswiftSynchronization, which it does not: who was given a contended lock
// looks as if it had taken none, and every access under it is reported. This library, loaded before
// the other, stands before its three slow paths and says what they mean. It suppresses nothing, so
// an access without the lock is reported as ever.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK_SLOW "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// In the sanitized program; nothing in others that happen to load this.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        fprintf(stderr, "mutex.c: this Swift has no %s\n", name);
        abort();
    }
    return found;
}

SWIFT void lock_slow(uint32_t thread, SELF void *handle) __asm__(LOCK_SLOW);
SWIFT _Bool try_lock_slow(SELF void *handle) __asm__(TRY_LOCK_SLOW);
SWIFT void unlock_slow(SELF void *handle) __asm__(UNLOCK_SLOW);

SWIFT void lock_slow(uint32_t thread, SELF void *handle) {
    SWIFT void (*real)(uint32_t, SELF void *) = next(LOCK_SLOW);
    real(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT _Bool try_lock_slow(SELF void *handle) {
    SWIFT _Bool (*real)(SELF void *) = next(TRY_LOCK_SLOW);
    _Bool is_ours = real(handle);
    if (is_ours && __tsan_acquire) __tsan_acquire(handle);
    return is_ours;
}

SWIFT void unlock_slow(SELF void *handle) {
    SWIFT void (*real)(SELF void *) = next(UNLOCK_SLOW);
    // Before the next one can have it.
    if (__tsan_release) __tsan_release(handle);
    real(handle);
}
