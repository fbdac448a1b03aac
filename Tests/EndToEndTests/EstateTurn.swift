import Synchronization

/// One of a few places: with two dozen installations at once on two cores, each waits longer for
/// its own parts than a test waits for it.
final class EstateTurn: Sendable {
    private static let atOnce = 6

    private struct Line {
        var free = EstateTurn.atOnce
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let line = Mutex(Line())

    /// Waits for a place, which is given back when nobody holds what is returned any more.
    static func take() async -> EstateTurn {
        await withCheckedContinuation { caller in
            let isFree = line.withLock { line in
                guard line.free > 0 else {
                    line.waiting.append(caller)
                    return false
                }
                line.free -= 1
                return true
            }
            if isFree { caller.resume() }
        }
        return EstateTurn()
    }

    private init() {}

    deinit {
        let next = Self.line.withLock { line in
            guard !line.waiting.isEmpty else {
                line.free += 1
                return nil as CheckedContinuation<Void, Never>?
            }
            return line.waiting.removeFirst()
        }
        next?.resume()
    }
}
