import RekeyPorts
import Synchronization

/// What a call of `publish` returned, once it has.
final class Answer: Sendable {
    private let outcomes = Mutex<[PublishOutcome]?>(nil)

    var value: [PublishOutcome]? { outcomes.withLock { $0 } }

    func set(_ value: [PublishOutcome]) { outcomes.withLock { $0 = value } }
}
