import RekeyPorts

/// What is asked of the publishing connection.
enum PublishCommand: Sendable {
    case publish(PublishRequest)
    case stop
    /// The consuming connection has ended: no more work will come of it.
    case consumersEnded
}

/// One call of `publish`, waiting for all of its answers.
struct PublishRequest: Sendable {
    let publications: [Publication]
    let since: ContinuousClock.Instant
    let continuation: CheckedContinuation<[PublishOutcome], Never>

    func answerAll(_ outcome: PublishOutcome) {
        continuation.resume(returning: publications.map { _ in outcome })
    }
}

/// A request in the hands of the connection's thread.
final class OpenRequest {
    let request: PublishRequest
    private var outcomes: [PublishOutcome]
    private var missing: Int

    init(_ request: PublishRequest) {
        self.request = request
        outcomes = request.publications.map { _ in .unknown("unanswered") }
        missing = outcomes.count
        if missing == 0 { request.continuation.resume(returning: []) }
    }

    /// Answers one; with the last of them the caller goes on.
    func answer(_ index: Int, _ outcome: PublishOutcome) {
        outcomes[index] = outcome
        missing -= 1
        if missing == 0 { request.continuation.resume(returning: outcomes) }
    }
}
