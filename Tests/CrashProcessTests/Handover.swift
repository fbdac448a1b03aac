import CrashSupport

/// What goes from a worker that stands still to another one.
enum Handover: String, Sendable, CaseIterable {
    /// Its claim, which ends by itself; what the broker delivered to it stays with it.
    case claim
    /// Also its deliveries, since the broker hears no heartbeat of it.
    case deliveriesToo

    /// How long the broker waits for a word of the worker, by its own setting.
    var heartbeatSeconds: Int {
        switch self {
        case .claim: 120
        case .deliveriesToo: 1
        }
    }

    /// Times by which a run takes seconds: a claim lasts twice as long as a call may.
    var pace: WorldFile.Pace {
        WorldFile.Pace(
            claimSeconds: 2,
            callDeadlineSeconds: 1,
            replicaSeconds: 1.5,
            beatSeconds: 0.5,
            heartbeatSeconds: heartbeatSeconds
        )
    }
}

/// What befalls the first worker of a run.
struct ProcessTrouble: Sendable, CustomStringConvertible {
    let point: SeamPoint
    /// Nil where it is killed; else it stands still, and goes on when another has ended its work.
    var handover: Handover?

    var description: String {
        handover.map { "stopped at \(point) (\($0))" } ?? "killed at \(point)"
    }
}
