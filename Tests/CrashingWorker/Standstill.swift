import CrashSupport
import Foundation
import Glibc
import RekeyWorker
import Synchronization

/// Has this process stand still at one point, and notes when it has found its way again.
final class Standstill: Sendable {
    private let point: SeamPoint
    private let notes: Trace
    private let isOver = Atomic(false)

    init(at point: SeamPoint, _ notes: Trace) {
        self.point = point
        self.notes = notes
    }

    /// The signal goes to the thread that makes the call, so that it gets no further; the process
    /// stops with it.
    var seamed: SeamStandstill {
        SeamStandstill(at: point) {
            self.notes.add(WorldFile.stands)
            raise(SIGSTOP)
            self.isOver.store(true, ordering: .sequentiallyConsistent)
        }
    }

    /// Notes once that nothing of what the worker had in hand is left.
    ///
    /// Between two calls of one turn nothing may be under way, so that one look is not enough.
    func watch(_ worker: Worker, _ seam: Seam) async throws {
        var looks = 0
        while looks < Self.looks {
            try await Task.sleep(for: Self.pause)
            let isAtRest = worker.busyCount == 0 && seam.underWay == 0
            looks = isOver.load(ordering: .sequentiallyConsistent) && isAtRest ? looks + 1 : 0
        }
        notes.add(WorldFile.settled)
    }

    private static let looks = 10
    private static let pause = Duration.milliseconds(20)
}
