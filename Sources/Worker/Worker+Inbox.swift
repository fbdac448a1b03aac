import RekeyCore
import RekeyPorts

// What becomes of an entry of the inbox.
extension Worker {
    /// Works on an entry of the inbox, which is new where it was put there just now.
    func begin(_ entry: InboxEntry, isNew: Bool) {
        if entry.id.lane == CommandOrder.lane {
            beginCommand(entry, isNew: isNew)
        } else {
            beginAdmission(entry, isNew: isNew)
        }
    }

    /// Has a rotation's lane go on, where it can: the journal's state decides.
    func take(_ wakeUp: WakeUp) {
        let (id, lane) = (wakeUp.rotation, wakeUp.lane)
        scheduler.submit(
            Scheduler.Work(
                key: id.text,
                name: "\(lane)/\(wakeUp.event)",
                isNew: true,
                rank: wakeUp.isUrgent ? .urgent : .begun
            ) {
                let result = try await self.turn.take(id, in: lane, causedBy: wakeUp.event)
                try await self.beginFollowUps(of: id)
                return result
            }
        )
    }

    private func beginAdmission(_ entry: InboxEntry, isNew: Bool) {
        guard let event = try? CloudEvent(decoding: entry.body) else {
            return submitForgetting(entry, isNew: isNew)
        }
        if let request = admit.request(from: event, in: entry) {
            return submit(request, entry: entry, isNew: isNew)
        }
        guard event.type == .rotationRequested, let name = event.content.secret else {
            return submitForgetting(entry, isNew: isNew)
        }
        submitDeclining(entry, event.id, name, isNew: isNew)
    }

    /// For a request about nothing of ours: whoever asked, for a compromise perhaps, is told.
    private func submitDeclining(
        _ entry: InboxEntry,
        _ event: EventID,
        _ name: String,
        isNew: Bool
    ) {
        scheduler.submit(
            Scheduler.Work(key: "decline", name: entry.id.description, isNew: isNew, rank: .asked) {
                try await unlessGone(()) {
                    try await self.admit.declineUnknown(name, event, entry.id)
                }
                return .nothing
            }
        )
    }

    /// For what is about nothing of ours, as an event of a staged name or of somebody's vault.
    private func submitForgetting(_ entry: InboxEntry, isNew: Bool) {
        scheduler.submit(
            Scheduler.Work(key: "forget", name: entry.id.description, isNew: isNew, rank: .asked) {
                try await self.forget(entry)
                return .nothing
            }
        )
    }

    private func beginCommand(_ entry: InboxEntry, isNew: Bool) {
        let order = CommandOrder(entry, estate: estate, access: settings.access)
        guard let order else { return submitForgetting(entry, isNew: isNew) }
        let isAllowed = settings.access.refusal(of: order.act, to: order.requester) == nil
        scheduler.submit(
            Scheduler.Work(
                key: order.workKey,
                name: entry.id.description,
                isNew: isNew,
                rank: isAllowed ? .urgent : .asked
            ) {
                try await self.commands.take(order)
            }
        )
    }

    private var commands: CommandStep {
        CommandStep(
            journal: journal,
            facts: facts,
            composer: composer,
            settings: settings,
            clock: clock,
            logger: logger,
            wake: { self.wake($0, isUrgent: true) }
        )
    }

    func submit(_ request: AdmitStep.Request, entry: InboxEntry?, isNew: Bool = false) {
        scheduler.submit(
            Scheduler.Work(
                key: "credential/\(request.definition.id)",
                name: entry?.id.description ?? request.id.text,
                isNew: isNew,
                rank: request.isUrgent ? .urgent : .asked
            ) {
                switch try await self.admit.take(request, entry: entry?.id) {
                case .nothing: break
                case .wait(let rotation, let command):
                    if let entry { self.followUps.add(entry, behind: rotation) }
                    if let command { self.begin(command, isNew: true) }
                    // It may have ended meanwhile.
                    try await self.beginFollowUps(of: rotation)
                }
                return .advanced
            }
        )
    }

    /// Begins what waited for a rotation, once that is over.
    func beginFollowUps(of id: RotationID) async throws {
        let entries = try await followUps.take(behind: id) {
            try await journal.reader.rotation(id)?.isOver ?? true
        }
        for entry in entries { begin(entry, isNew: true) }
    }

    private func forget(_ entry: InboxEntry) async throws {
        try await journal.commit([.forget(entry.id)], under: nil)
    }
}

extension InboxEntry {
    /// Who asks, and who had it asked again, for the record.
    func by(_ requester: String) -> String {
        replayedBy.map { "\(requester), replayed by \($0)" } ?? requester
    }
}
