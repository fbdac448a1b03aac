import Logging
import RekeyCore
import RekeyPorts

// What is said to a request by which no rotation begins.
extension AdmitStep {
    /// Says why no rotation begins, and handles the entry unless somebody still waits for more.
    func refuse(
        _ request: Request,
        _ entry: InboxEntry.ID?,
        _ why: String,
        _ type: EventType,
        _ rotation: RotationID? = nil,
        keeps: Bool = false
    ) async throws {
        logger.debug(
            "no rotation begins",
            metadata: ["secret.name": "\(request.definition.id)", "failure.reason": "\(why)"]
        )
        if request.isSwept, type == .rotationDeclined, rotation == nil {
            refusals.tell(why, about: request.definition.id, to: logger)
        }
        var writes: [JournalWrite] = []
        if request.wantsAnswer {
            let row = composer.answer(
                type,
                about: request.definition.id,
                to: request.event,
                knownAs: request.id,
                detail: why,
                rotation: rotation,
                at: clock.now
            )
            writes.append(.enqueue(row))
        }
        // An event that advanced nothing is not remembered as handled.
        if let entry {
            let end: JournalWrite = request.wantsAnswer ? .handled(entry) : .forget(entry)
            writes.append(keeps ? .waiting(entry) : end)
        }
        do throws(JournalFailure) {
            try await journal.commit(writes, under: nil)
        } catch {
            // It may have happened all the same: decided once more, what was refused might begin.
            if error.isRefusal { throw error }
            guard !keeps, let entry, try await !isWaiting(entry) else { throw error }
        }
    }

    private func isWaiting(_ entry: InboxEntry.ID) async throws(JournalFailure) -> Bool {
        try await journal.reader.inbox(limit: Worker.takenUpAtOnce).contains { $0.id == entry }
    }
}

extension JournalFailure {
    /// Whether nothing was written, and why is known.
    var isRefusal: Bool {
        switch self {
        case .conflict, .gone: true
        default: false
        }
    }
}
