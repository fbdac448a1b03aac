import Foundation
import InMemoryBroker
import InMemoryJournal
import InMemoryTarget
import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker

// What a row does to an estate from outside, and what it sees there.
extension SuiteEstate {
    /// Asks for a rotation, and returns without an answer.
    func request(_ id: String = "request-1", secret: String = "orders") async {
        var content = EventContent()
        content.secret = secret
        content.reason = "routine"
        await tell(.rotationRequested, content, id: id)
    }

    /// Asks for a rotation, and returns the answer.
    func answer(to id: String) async throws -> CloudEvent {
        await request(id)
        return try await heard(id)
    }

    /// Issues a command, and returns its answer.
    func command(_ name: String, secret: String = "orders") async throws -> CloudEvent {
        var content = EventContent()
        content.command = name
        content.secret = secret
        let id = UUID().uuidString
        await tell(.commandIssued, content, id: id)
        return try await heard(id)
    }

    /// The vault's hint that a version of the carrier nears its end.
    func hint(_ version: String, id: String = "hint-1") async {
        var content = EventContent()
        content.vault = "app.vault.test"
        content.name = Self.carrier.text
        content.version = version
        await tell(.secretNearExpiry, content, id: id)
    }

    private func tell(_ type: EventType, _ content: EventContent, id: String) async {
        let event = CloudEvent(
            id: EventID(id),
            source: "test",
            type: type,
            time: Date(),
            content: content
        )
        let properties = EventProperties(messageID: id, type: type.name, userID: "rekey")
        await publish(SagaBus.intake, type, event.encoded(), properties)
    }

    /// Publishes an event of the saga, whoever made it.
    func forge(_ event: CloudEvent, about rotation: RotationID) async {
        let properties = EventProperties(
            messageID: event.id.text,
            type: event.type.name,
            correlationID: rotation.text
        )
        await publish(SagaBus.events, event.type, event.encoded(), properties)
    }

    private func publish(
        _ exchange: String,
        _ type: EventType,
        _ body: [UInt8],
        _ properties: EventProperties
    ) async {
        let publication = Publication(
            exchange: exchange,
            routingKey: type.routingKey,
            body: body,
            properties: properties
        )
        _ = await outsider.publish([publication])
    }

    private func heard(_ id: String) async throws -> CloudEvent {
        try await eventually("an answer to \(id)") { self.answers(to: id).first != nil }
        guard let answer = answers(to: id).first else { throw PartFailure("no answer") }
        return answer
    }

    private func answers(to id: String) -> [CloudEvent] {
        let types: [EventType] = [
            .commandAnswered, .rotationAccepted, .rotationDeclined, .rotationDeferred,
            .rotationCoalesced,
        ]
        return events.filter { $0.causationID == id && types.contains($0.type) }
    }

    /// Waits until all that was said was taken, and all that follows from it was done.
    func settle() async throws {
        var quiet = 0
        try await eventually(within: .seconds(30), "nothing is left to do") {
            quiet = try await self.isQuiet() ? quiet + 1 : 0
            return quiet >= Self.quietLooks
        }
    }

    private static let quietLooks = 3

    /// Asks for a rotation, and returns it when it has ended.
    func rotated(_ id: String = "request-1") async throws -> Rotation {
        let before = try await ended.count
        await request(id)
        return try await ended(before + 1)
    }

    /// Runs a worker for one rotation, and returns it when it has ended.
    func runOnce() async throws -> Rotation {
        try await run { try await self.rotated() }
    }

    /// Waits until `count` rotations have ended, and returns the newest.
    func ended(_ count: Int = 1) async throws -> Rotation {
        try await eventually(within: .seconds(30), "\(count) rotations have ended") {
            try await self.ended.count >= count
        }
        guard let newest = try await ended.first else { throw PartFailure("no rotation ended") }
        return newest
    }

    private var ended: [Rotation] {
        get async throws {
            try await journal.rotations(RotationQuery()).filter(\.isOver)
        }
    }

    /// Waits until the newest rotation is as wanted, and returns it.
    func rotation(
        until what: String,
        _ condition: @escaping @Sendable (Rotation) -> Bool
    ) async throws -> Rotation {
        try await eventually(within: .seconds(30), what) {
            try await self.newest().map(condition) ?? false
        }
        guard let rotation = try await newest() else { throw PartFailure("no rotation") }
        return rotation
    }

    func newest() async throws -> Rotation? {
        try await journal.rotations(RotationQuery(limit: 1)).first
    }

    /// What the carrier holds now.
    func current() async throws -> VaultVersion {
        guard let latest = try await vault.latest(Self.carrier) else {
            throw PartFailure("the carrier holds nothing")
        }
        return latest
    }

    /// The credential within what the carrier holds now.
    func credential() async throws -> Credential {
        guard let value = try await current().value else {
            throw PartFailure("the carrier's latest version is disabled")
        }
        let (account, secret) = try definition.carriers[0].format.credential(in: value)
        return Credential(account: account, secret: secret)
    }

    /// Whether the target lets an application in that reads the carrier now.
    func letsIn() async throws -> Bool {
        let held = try await credential()
        let known = try await newest()?.candidate.account
        let account = held.account ?? known
        return target?.inner.admits(Credential(account: account, secret: held.secret)) ?? false
    }

    /// Every version that was ever staged, the oldest first.
    func stagedVersions() async -> [VaultListing] {
        await stagingVault.listing { $0.text }
    }

    /// How often anything was changed, in vaults and target.
    func changes() async -> Int {
        let written = await vault.changes.count + stagingVault.changes.count
        return written + (target?.inner.changes.count ?? 0)
    }
}
