package import CrashSupport
package import RekeyCore

/// How the worker's broker hands events over.
package enum DeliveryOrder: String, Sendable, CaseIterable {
    case once
    /// Each twice in a row.
    case twice
    /// Each once more when it is long done.
    case late
    /// Two that come close together change places.
    case swapped
    /// The connection is lost when an event is first acknowledged, so that it comes again.
    case redelivered
}

/// What the worker's journal is.
package enum JournalKind: String, Sendable, CaseIterable {
    case memory
    /// A file, which a killed worker's successor opens as the kill left it.
    case sqlite
    /// The same, as a worker of the first format would have left it: the successor migrates it.
    case older
}

/// What a world is made of before any fault: a run is a course and its faults.
package struct Course: Hashable, Sendable, CustomStringConvertible {
    package var strategy: Strategy
    package var scenario: SweepScenario
    package var order: DeliveryOrder
    package var journal: JournalKind
    package var mistake: Mistake?

    package init(
        _ strategy: Strategy,
        _ scenario: SweepScenario = .plain,
        order: DeliveryOrder = .once,
        journal: JournalKind = .memory,
        mistake: Mistake? = nil
    ) {
        self.strategy = strategy
        self.scenario = scenario
        self.order = order
        self.journal = journal
        self.mistake = mistake
    }

    package var description: String {
        "\(strategy)/\(scenario)/\(order)/\(journal)" + (mistake.map { "/\($0.rawValue)" } ?? "")
    }

    /// Reads `alternate/plain/once/memory`, with a mistake's name behind it where there is one.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: Character("/")).map { String($0) }
        guard parts.count == 4 || parts.count == 5, let strategy = Strategy(rawValue: parts[0]),
            let scenario = SweepScenario(rawValue: parts[1]),
            let order = DeliveryOrder(rawValue: parts[2]),
            let journal = JournalKind(rawValue: parts[3])
        else { return nil }
        self.init(strategy, scenario, order: order, journal: journal)
        guard parts.count == 5 else { return }
        guard let mistake = Mistake(rawValue: parts[4]) else { return nil }
        self.mistake = mistake
    }
}

/// One run, as it can be run again.
package struct FaultPlan: Hashable, Sendable, CustomStringConvertible {
    package var course: Course
    package var faults: [SeamFault]

    package init(_ course: Course, _ faults: [SeamFault] = []) {
        self.course = course
        self.faults = faults
    }

    /// Reads `alternate/plain/once/memory: crash at target.install#1 after + …`.
    package init?(_ text: String) {
        let parts = text.split(separator: ": ", maxSplits: 1)
        guard let first = parts.first, let course = Course(first) else { return nil }
        var faults: [SeamFault] = []
        for word in parts.dropFirst().joined().split(separator: " + ") {
            guard let fault = SeamFault(String(word)) else { return nil }
            faults.append(fault)
        }
        self.init(course, faults)
    }

    package var description: String {
        guard !faults.isEmpty else { return "\(course)" }
        return "\(course): " + faults.map(\.description).joined(separator: " + ")
    }
}
