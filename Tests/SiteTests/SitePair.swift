import Foundation
import InMemoryBroker
import Logging
import RealParts
import RekeyCore
import RekeyPlatform
import RekeyPorts
import RekeyWorker
import SiteHook

@testable import RekeyAgent

/// A hook and the agent of its site, on one broker in memory.
struct SitePair {
    let folder: TemporaryDirectory
    let broker: InMemoryBroker
    let ledger = SiteLedger(users: ["cairo": "site.cairo", "oslo": "site.oslo"])
    /// What another worker hears.
    let colleagueLedger = SiteLedger(users: ["cairo": "site.cairo", "oslo": "site.oslo"])
    let hook: SiteHook
    /// The same hook in another worker.
    let colleague: SiteHook
    /// Another hook for the same site and credential.
    let second: SiteHook
    let agentSettings: AgentSettings
    let signer: Identity

    init(
        command: [String] = [],
        passingFolder: Bool = false,
        commandSeconds: Double = 1,
        signedBy stranger: Bool = false,
        clock: any RekeyPorts.Clock = SystemClock()
    ) throws {
        folder = try TemporaryDirectory("site")
        var topology = SagaBus.topology(
            hookKinds: ["site"],
            sites: ["cairo"],
            answers: Self.answers[0]
        )
        let other = SagaBus.topology(hookKinds: [], sites: ["cairo"], answers: Self.answers[1])
        topology.queues += other.queues.filter { $0.isTemporary }
        topology.bindings += other.bindings.filter { $0.queue == Self.answers[1] }
        let broker = InMemoryBroker(topology: topology)
        self.broker = broker
        let site = try Self.site.get()
        signer = try Self.worker.get()
        let used = stranger ? try Self.stranger.get() : signer
        var settings = SiteHookSettings(
            name: "hosts",
            site: "cairo",
            siteCertificate: site.certificate,
            signerCertificate: used.certificate,
            signerKey: used.key,
            path: folder.file("app.env"),
            variable: "SECRET",
            command: command + (passingFolder ? [folder.path] : []),
            publish: { await broker.publish([$0]).first ?? .unknown("no answer") }
        )
        hook = SiteHook(settings, ledger: ledger, clock: clock)
        colleague = SiteHook(settings, ledger: colleagueLedger, clock: clock)
        settings.variable = "SECOND"
        second = SiteHook(settings, ledger: ledger, clock: clock)
        agentSettings = AgentSettings(
            site: "cairo",
            certificate: site.certificate,
            key: site.key,
            signers: [signer.certificate],
            directory: folder.path,
            commandSeconds: commandSeconds,
            retrySeconds: 0.05,
            user: "site.cairo"
        )
    }

    /// The queues of two workers for the answers.
    static let answers = ["one", "two"].map { SagaBus.answersQueue(of: $0) }

    typealias Identity = (certificate: Certificate, key: PrivateKey)

    // Made once: RSA keys take their time.
    private static let site = Result { try identity("cairo", .sealing) }
    private static let worker = Result { try identity("worker", .signing) }
    private static let stranger = Result { try identity("stranger", .signing) }

    static func identity(
        _ name: String,
        _ purpose: Certificate.Purpose
    ) throws -> Identity {
        let key = try PrivateKey.generate(.rsa2048)
        let certificate = try Certificate.selfSigned(
            commonName: name,
            key: key,
            validFor: .seconds(86_400),
            purpose: purpose
        )
        return (certificate, key)
    }

    func order(sequence: Int = 1, key: NaturalKey = "r/hook/1-0/1", value: String) -> HookOrder {
        HookOrder(
            key: key,
            rotation: "6f1c1f4e-6a0b-4c8e-9d3d-3c6f0d2a7b12",
            credential: "orders",
            sequence: sequence,
            carriers: [],
            account: nil,
            value: Secret(copying: value.utf8),
            deadline: Date() + 60
        )
    }

    /// Signs a delivery of one's own, with the worker's key, and publishes it to this site.
    func publish(changing change: (inout SiteDelivery) -> Void) async throws {
        var delivery = SiteDelivery(
            site: "cairo",
            credential: "orders",
            key: "r/hook/1-0/1",
            sequence: 1,
            expires: Date().timeIntervalSince1970 + 60,
            path: folder.file("app.env"),
            variable: "SECRET",
            command: [],
            sealed: Data(
                try CMS.encrypt(
                    Secret(copying: "s3cret".utf8),
                    to: agentSettings.certificate
                )
            )
        )
        change(&delivery)
        try await publish(
            try CMS.sign(
                [UInt8](try JSONEncoder().encode(delivery)),
                certificate: signer.certificate,
                key: signer.key
            )
        )
    }

    func publish(_ body: [UInt8]) async throws {
        let publication = Publication(
            exchange: "rekey.events",
            routingKey: SiteDelivery.routingKey(site: "cairo"),
            body: body,
            properties: EventProperties(messageID: UUID().uuidString)
        )
        guard await broker.publish([publication]) == [.confirmed] else {
            throw PartFailure("the broker did not take it")
        }
    }

    /// Connects the worker's side only, while `body` lasts.
    func withBroker(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let broker = broker
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broker.run() }
            try await eventually(within: .seconds(60), "it is connected") {
                broker.state.isPublishing
            }
            try await body()
            group.cancelAll()
        }
    }

    /// Runs an agent, and two workers' readers of answers, while `body` lasts.
    ///
    /// The next agent takes up what this one left in the folder and in the queue.
    func withAgent(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let consumer = broker.peer(subscriptions: [SiteAgent.queue(of: "cairo")], prefetch: 1)
        let readers = [(ledger, Self.answers[0]), (colleagueLedger, Self.answers[1])]
            .map { (ledger: $0.0, broker: self.broker.peer(subscriptions: [$0.1])) }
        let agent = SiteAgent(
            agentSettings,
            broker: consumer,
            clock: SystemClock(),
            logger: Logger(label: "agent") { _ in SwiftLogNoOpLogHandler() }
        )
        let broker = broker
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await agent.run() }
            group.addTask { try await broker.run() }
            for reader in readers {
                group.addTask { try await reader.broker.run() }
                group.addTask {
                    for await delivery in reader.broker.deliveries {
                        reader.ledger.take(delivery)
                        await reader.broker.acknowledge([delivery.tag])
                    }
                }
            }
            try await eventually(within: .seconds(60), "both are connected") {
                broker.state.isPublishing && consumer.state.isConsuming
            }
            try await body()
            group.cancelAll()
        }
    }

    var file: String? { folder.text(of: "app.env") }
}

extension TemporaryDirectory {
    func text(of name: String) -> String? {
        FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A program for `/bin/sh`.
    func script(_ lines: String) throws -> String {
        try write("#!/bin/sh\n\(lines)\n", to: "command", mode: 0o700)
    }
}
