import Foundation
import InMemoryHook
import InMemoryTarget
import InMemoryWorkload
import RealParts
import RekeyCore
import RekeyPorts
import Synchronization
import Testing

/// Everything that workers publish, in runs of every kind, against `contracts/events`.
@Suite(.timeLimit(.minutes(2))) struct `Every event that a worker publishes` {
    /// What outsiders publish, and Rekey itself never does.
    private static let fromOutside: Set<String> = [
        "rekey.rotation.requested.v1", "rekey.secret.near-expiry.v1", "rekey.command.issued.v1",
    ]

    private static func world(
        _ strategy: RekeyCore.Strategy,
        _ policy: RotationPolicy = World.quick
    ) async throws -> CommandWorld {
        CommandWorld(
            try await World(
                strategy,
                policy: policy,
                access: CommandWorld.access
            )
        )
    }

    /// A rotation from its request to its end.
    private static func success(_ strategy: RekeyCore.Strategy) async throws -> [[UInt8]] {
        let it = try await world(strategy)
        return try await it.withWorker {
            _ = try await it.rotate()
            _ = try await it.world.ended()
            try await heard(.rotationClosed, it)
            return it.published
        }
    }

    /// At the gate another request, an approval of another plan and a rejection; then one more.
    private static func rejection() async throws -> [[UInt8]] {
        let it = try await world(.alternate, CommandWorld.gated)
        return try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            _ = try await it.rotate()
            _ = try await it.rotate(as: nil)
            _ = try await it.command("approve", rotation.id) { $0.plan = "another" }
            _ = try await it.command("reject", rotation.id)
            _ = try await it.world.ended()
            try await heard(.rotationRolledBack, it)
            let again = try await it.rotate()
            #expect(again.type == .rotationDeferred)
            return it.published
        }
    }

    /// A value that the target's policy refuses, an approval, and a hook that fails.
    private static func refusal() async throws -> [[UInt8]] {
        let it = try await world(.alternate, CommandWorld.gated)
        it.world.target?.inject(.before(StepFailure(.refused, "too simple")), on: .install)
        it.world.hook.end(with: .failed("no host answered"))
        return try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            _ = try await it.command("approve", rotation.id) { $0.plan = rotation.planDigest }
            try await heard(.hookFailed, it)
            return it.published
        }
    }

    /// A carrier that somebody else writes in mid-flow.
    private static func drift() async throws -> [[UInt8]] {
        let it = try await world(.addThenRemove, CommandWorld.gated)
        return try await it.withWorker {
            let rotation = try await it.rotationAtGate()
            try await it.drift()
            _ = try await it.command("approve", rotation.id) { $0.plan = rotation.planDigest }
            try await heard(.rotationStuck, it)
            return it.published
        }
    }

    /// A compromise in mid-flow, whose deadline passes while nobody shows the new value.
    private static func compromise() async throws -> [[UInt8]] {
        let it = try await world(.addThenRemove)
        it.world.hook.end(with: .failed("no host answered"))
        return try await it.withWorker {
            _ = try await it.rotationWithFailedHook()
            it.world.workload.show(EvidenceLevel.none)
            var content = EventContent()
            content.secret = "orders"
            content.reason = "compromise"
            content.revokeBy = Timestamp.text(Date() + 1)
            let id = UUID().uuidString
            let person = "security@example.test"
            await it.publish(.rotationRequested, content, as: "gateway", person: person, id: id)
            try await heard(.hooksSuperseded, it)
            try await heard(.revokeByPassed, it)
            return it.published
        }
    }

    private static func heard(_ type: EventType, _ it: CommandWorld) async throws {
        try await eventually("\(type) is heard") {
            !it.events(type).isEmpty
        }
    }

    @Test func `keeps its contract, and there is none that no run published`() async throws {
        var all: [[UInt8]] = []
        for strategy in RekeyCore.Strategy.allCases { all += try await Self.success(strategy) }
        all += try await Self.rejection()
        all += try await Self.refusal()
        all += try await Self.drift()
        all += try await Self.compromise()
        var types: Set<String> = []
        for body in all {
            let type = try CloudEvent(decoding: body).type.name
            if Self.fromOutside.contains(type) { continue }
            types.insert(type)
            let complaints = try EventSchema(of: type).complaints(about: body)
            let text = String(decoding: body, as: UTF8.self)
            #expect(complaints.isEmpty, "\(type): \(complaints) in \(text)")
        }
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "contracts/events")
        let contracts = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .map { $0.replacing(".schema.json", with: "") }
        let silent = Set(contracts).subtracting(types).subtracting(Self.fromOutside)
        #expect(silent.isEmpty, "\(silent.sorted())")
    }

    // A subscriber knows nothing of the names in the configuration.
    @Test func `of a finished rotation says where its versions are read`() async throws {
        let all = try await Self.success(.valueOnly)
        let events = try all.map { try CloudEvent(decoding: $0) }
        let completed = try #require(events.first { $0.type == .rotationCompleted })
        let carriers = try #require(completed.content.carriers)
        #expect(carriers.map(\.name) == ["verifiers", "callers"])
        for carrier in carriers {
            let version = try #require(carrier.version)
            #expect(carrier.vault == World.app.text)
            #expect(carrier.uri == "https://\(World.host)/secrets/\(carrier.name)/\(version)")
        }
    }

    @Test func `would be found if it broke its contract`() async throws {
        let all = try await Self.success(.alternate)
        let type = "rekey.rotation.completed.v1"
        let body = try #require(
            try all.first { try CloudEvent(decoding: $0).type.name == type }
        )
        let schema = try EventSchema(of: type)
        let text = String(decoding: body, as: UTF8.self)
        for (old, new) in [
            ("\"gapSeconds\":", "\"gap\":"), ("\"alternate\"", "\"swap\""),
            ("\"specversion\":\"1.0\"", "\"specversion\":\"0.3\""),
            ("\"time\":\"2", "\"time\":\"x"), ("\"carriers\":[", "\"carriers\":[1,"),
        ] {
            let broken = text.replacing(old, with: new)
            #expect(broken != text, "\(old)")
            let complaints = try schema.complaints(about: Array(broken.utf8))
            #expect(!complaints.isEmpty, "\(old)")
        }
    }
}
