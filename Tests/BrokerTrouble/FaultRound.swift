import RealParts
import RekeyCore
import SQLiteJournal

/// One fault, with a rotation of every credential held at its own place.
struct FaultRound: Sendable {
    let rig: TroubleRig
    let node: PrivateRabbitMQ
    let moments: Moments
    let number: Int

    /// How long rotations may take to come to where they are held.
    private static let arrivalLimit = Duration.seconds(30)

    func run(_ fault: BrokerFault) async throws -> FaultSweep.Report {
        // Whatever goes wrong, nobody stays held.
        defer { moments.open() }
        let clock = ContinuousClock()
        var report = FaultSweep.Report(fault: fault)
        let looks = rig.world.ledger.looks
        try await eventually(within: rig.patience, "all are connected") { rig.isConnected }
        var before: [(OutsideSystems, before: OutsideSystems.Deeds)] = []
        for system in rig.world.systems { before.append((system, await system.deeds)) }
        let earlier = try await rig.newest(rig.world.systems)
        let held = rig.world.systems.dropLast().map(\.credential)
        moments.shut(Dictionary(uniqueKeysWithValues: held.map { ($0.number, $0.number) }))
        rig.world.log.clear()
        for credential in held { try await rig.outsider.request(credential.id, number: number) }
        try await eventually(within: Self.arrivalLimit, "each is held at its place, or over") {
            for system in rig.world.systems.dropLast() {
                if moments.held[system.credential.number] != nil { continue }
                let look = OutsideLook(systems: system, journal: rig.world.journal.reader)
                guard let rotation = try await look.rotation(), rotation.isOver,
                    !earlier.contains(rotation.id)
                else { return false }
            }
            return true
        }
        report.moments = moments.held.sorted { $0.key < $1.key }.map(\.value)
        let start = clock.now
        do {
            try await breakAndHeal(fault)
            try await rig.settle(
                rig.world.systems,
                after: earlier,
                hearing: !fault.losesSubscribers
            )
            try await rig.drain(node)
        } catch let failure as PartFailure {
            report.violations.append("\(failure)")
        }
        report.seconds = start.duration(to: clock.now) / .seconds(1)
        report.violations += try await rig.violationsAtEnd(
            before,
            hearing: !fault.losesSubscribers
        )
        // An outside subscriber's binding is its own to declare again.
        if fault.losesSubscribers { try await rig.place.declare(Outsider.topology) }
        report.looks = rig.world.ledger.looks - looks
        report.warnings = Array(Set(rig.world.log.lines)).sorted()
        return report
    }

    /// Lets everything go on as soon as the trouble has begun, and asks for one rotation more.
    private func breakAndHeal(_ fault: BrokerFault) async throws {
        let late = rig.world.systems[rig.world.systems.count - 1].credential.id
        try await fault.begin(node, rig.place)
        moments.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await rig.outsider.request(late, number: number) }
            try await Task.sleep(for: .seconds(fault.seconds))
            try await fault.heal(node, rig.place)
            try await group.waitForAll()
        }
    }
}
