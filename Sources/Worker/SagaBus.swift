package import RekeyCore
package import RekeyPorts

/// The saga's exchanges, queues and bindings: who is woken by what.
package enum SagaBus {
    package static let events = "rekey.events"
    package static let intake = "rekey.intake"
    package static let dead = "rekey.dead"
    /// Held by the one worker of a single-replica journal.
    package static let owner = "rekey.owner"

    package static func queue(of lane: Lane, urgent: Bool = false) -> String {
        let name =
            switch lane {
            case .step(let step): "rekey.step.\(step)"
            case .hook(let kind): "rekey.hook.\(kind)"
            // Only its timer wakes it, so that no such queue is declared.
            case .revocation: "rekey.revocation"
            }
        return urgent ? name + urgentSuffix : name
    }

    package static func parked(_ queue: String) -> String { "rekey.parked.\(queue)" }

    /// The lane of a queue, and whether it is the urgent twin; nil for a queue of another kind.
    package static func lane(of queue: String) -> (lane: Lane, isUrgent: Bool)? {
        let isUrgent = queue.hasSuffix(urgentSuffix)
        let name = isUrgent ? String(queue.dropLast(urgentSuffix.count)) : queue
        if let step = name.suffix(after: "rekey.step.").flatMap(Step.init(rawValue:)) {
            return (.step(step), isUrgent)
        }
        if let kind = name.suffix(after: "rekey.hook.") { return (.hook(kind: kind), isUrgent) }
        return nil
    }

    /// The routing key of an event: urgent ones go to the urgent twins only.
    package static func routingKey(of type: EventType, urgent: Bool) -> String {
        urgent ? type.routingKey + urgentSuffix : type.routingKey
    }

    /// Everything a worker with these hook kinds and sites needs.
    ///
    /// `answers` is the process's own queue for what the sites answer: what is declared for good
    /// has none.
    package static func topology(
        hookKinds: [String],
        sites: [String] = [],
        answers: String? = nil
    ) -> Topology {
        var topology = Topology(exchanges: [
            .init(events, .topic), .init(intake, .topic), .init(dead, .direct),
        ])
        add(intake, boundTo: [(intake, "#")], &topology)
        let steps = Step.allCases.filter { $0 != .hook }
        for step in steps {
            for urgent in [false, true] {
                let keys = step.reactsTo.map { (events, routingKey(of: $0, urgent: urgent)) }
                add(queue(of: .step(step), urgent: urgent), boundTo: keys, &topology)
            }
        }
        for kind in hookKinds {
            for urgent in [false, true] {
                let keys = [EventType.rotationCompleted, .rotationFailed].map {
                    (events, routingKey(of: $0, urgent: urgent))
                }
                add(queue(of: .hook(kind: kind), urgent: urgent), boundTo: keys, &topology)
            }
        }
        for site in sites {
            let key = SiteDelivery.routingKey(site: site)
            add(siteQueue(site), boundTo: [(events, key)], &topology)
        }
        if let answers {
            let key = SiteAnswer.routingKey(site: "*")
            topology.queues.append(.init(temporary: answers, isReplicated: true))
            topology.bindings.append(.init(exchange: events, queue: answers, routingKey: key))
        }
        return topology
    }

    /// The queue in which one process finds the answers of every site.
    ///
    /// Each process has one: whichever runs the rotation hears the answer. What is in it when the
    /// process dies is asked for again by the next one.
    package static func answersQueue(of process: String) -> String {
        "\(SiteAnswer.queue).\(process)"
    }

    /// What a queue binds in order to hear an event, urgent or not: `#` stands for no word, too.
    package static func binding(to type: EventType) -> String { "\(type.routingKey).#" }

    package static func siteQueue(_ site: String) -> String { "rekey.site.\(site)" }

    /// The queues that a worker consumes, the urgent ones first.
    package static func workerQueues(hookKinds: [String]) -> [String] {
        let lanes =
            Step.allCases.filter { $0 != .hook }.map(Lane.step)
            + hookKinds.map { Lane.hook(kind: $0) }
        return lanes.map { queue(of: $0, urgent: true) } + lanes.map { queue(of: $0) } + [intake]
    }

    private static func add(
        _ queue: String,
        boundTo keys: [(exchange: String, key: String)],
        _ topology: inout Topology
    ) {
        let parked = parked(queue)
        topology.queues.append(.init(parked, deadLetter: nil))
        topology.bindings.append(.init(exchange: dead, queue: parked, routingKey: queue))
        topology.queues.append(
            .init(queue, deadLetter: .init(exchange: dead, routingKey: queue))
        )
        for (exchange, key) in keys {
            topology.bindings.append(.init(exchange: exchange, queue: queue, routingKey: key))
        }
    }

    private static let urgentSuffix = ".urgent"
}

extension String {
    fileprivate func suffix(after prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
