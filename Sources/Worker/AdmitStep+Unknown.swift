import Logging
import RekeyCore
import RekeyPorts

// A request for what the configuration has not.
extension AdmitStep {
    /// Declines a request for a secret of a name that nothing here has.
    func declineUnknown(_ name: String, _ event: EventID, _ entry: InboxEntry.ID) async throws {
        let why = "no such secret is configured"
        let row = composer.answer(
            .rotationDeclined,
            about: CredentialID(name),
            to: event,
            knownAs: entry.event,
            detail: why,
            at: clock.now
        )
        try await journal.commit([.enqueue(row), .handled(entry)], under: nil)
        logger.warning(
            "no rotation begins",
            metadata: ["secret.name": "\(name)", "failure.reason": "\(why)"]
        )
    }
}
