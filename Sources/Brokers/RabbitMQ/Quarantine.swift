import RekeyPorts

/// The handling of what was delivered too often, one at a time, with nothing else outstanding.
///
/// A crash raises the count of everything unacknowledged, so that a killer among 64 would take 63
/// innocents to the dead letters with it. From the first suspect on, all consumers are cancelled;
/// when their deliveries are settled, the suspect is handed over alone; then its queue is asked for
/// one delivery at a time, until one comes that is no suspect. What was delivered before stands
/// first in its queue: so a queue that is consumed anew delivers one at first, and a process that
/// was killed by a suspect takes no other with it when it begins again.
struct Quarantine {
    /// From this many earlier deliveries on, a delivery is a suspect.
    static let deliveryCount = 3

    enum Phase {
        case inactive
        /// Consumers are cancelled; the first of these is next, when nothing is outstanding.
        case clearing([Delivery])
        /// One at a time, by asking.
        case asking
    }

    var phase = Phase.inactive
    /// The suspect's subscription.
    var subscription: Int?
    /// What was asked for has not arrived completely.
    var isAwaiting = false
    /// One came that is no suspect.
    var isLeaving = false

    var isActive: Bool {
        if case .inactive = phase { false } else { true }
    }
}

extension ConsumeLink {
    /// Has each queue deliver one at a time, once it is consumed anew.
    func narrowAll() {
        guard context.settings.guards.quarantinesSuspects else { return }
        narrowed = Set(context.subscriptions.indices)
    }

    /// Takes a suspect aside; returns false for what may be handed over.
    func hold(
        _ delivery: Delivery,
        of index: Int,
        on connection: AMQPConnection
    )
        throws(AMQPFailure) -> Bool
    {
        let isSuspect = delivery.deliveryCount >= Quarantine.deliveryCount
        switch quarantine.phase {
        case .inactive:
            guard isSuspect else { return false }
            quarantine.subscription = index
            quarantine.phase = .clearing([delivery])
            try cancelAll(connection)
            return true
        case .clearing(let suspects):
            guard isSuspect else { return false }
            quarantine.phase = .clearing(suspects + [delivery])
            return true
        case .asking:
            // Asked for, and alone: nothing else is outstanding.
            quarantine.isLeaving = !isSuspect
            return false
        }
    }

    /// Goes on with the quarantine, once nothing is outstanding.
    func settleQuarantine(_ connection: AMQPConnection) throws(AMQPFailure) {
        guard quarantine.isActive, outstanding.isEmpty, !quarantine.isAwaiting, !isStopping else {
            return
        }
        if case .clearing(let suspects) = quarantine.phase, let first = suspects.first {
            // They go back, so that only one can be blamed; that costs each of them one delivery.
            for suspect in suspects.dropFirst() {
                try connection.reject(suspect.tag.number, requeue: true)
            }
            quarantine.phase = .asking
            return hand(first, isUrgent: false)
        }
        guard !quarantine.isLeaving, let index = quarantine.subscription,
            let head = try connection.get(queue: context.subscriptions[index].queue)
        else {
            quarantine = Quarantine()
            narrowAll()
            return try consumeAll(connection)
        }
        quarantine.isAwaiting = true
        reader.begin(head)
    }
}
