import Foundation
import Synchronization

// Whether ThreadSanitizer tells a lock from none: `guarded` must pass, the other two must not.
//
//   guarded     many threads count under a Mutex
//   unguarded   they count without one
//   half        all but one count under it

final class Counter: @unchecked Sendable {
    private let lock = Mutex(())
    var count = 0

    func add(underLock isLocked: Bool) {
        guard isLocked else {
            count += 1
            return
        }
        lock.withLock { _ in count += 1 }
    }
}

let threads = 4
let mode = CommandLine.arguments.dropFirst().first ?? "guarded"
let counter = Counter()
let waiting = Atomic(threads)
let done = DispatchGroup()
for number in 0..<threads {
    done.enter()
    let thread = Thread {
        // All begin at once, so that each meets every other.
        waiting.subtract(1, ordering: .sequentiallyConsistent)
        while waiting.load(ordering: .sequentiallyConsistent) > 0 {}
        for _ in 0..<100_000 {
            counter.add(underLock: mode == "guarded" || mode == "half" && number > 0)
        }
        done.leave()
    }
    thread.start()
}
done.wait()
