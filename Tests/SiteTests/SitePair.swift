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
    let ledger = SiteLedger(users: ["cairo": "site.cairo"])
    let hook: SiteHook
    let agentSettings: AgentSettings
    let signer: (certificate: Certificate, key: PrivateKey)

    init(command: [String] = [], signedBy stranger: Bool = false) throws {
        folder = try TemporaryDirectory("site")
        let topology = SagaBus.topology(hookKinds: ["site"], sites: ["cairo"])
        let broker = InMemoryBroker(topology: topology, subscriptions: [SiteAnswer.queue])
        self.broker = broker
        let site = try Self.identity("cairo", .sealing)
        signer = try Self.identity("worker", .signing)
        let other = try Self.identity("stranger", .signing)
        let used = stranger ? other : signer
        hook = SiteHook(
            SiteHookSettings(
                name: "hosts",
                site: "cairo",
                siteCertificate: site.certificate,
                signerCertificate: used.certificate,
                signerKey: used.key,
                path: folder.file("app.env"),
                variable: "SECRET",
                command: command,
                publish: { await broker.publish([$0]).first ?? .unknown("no answer") }
            ),
            ledger: ledger,
            clock: SystemClock()
        )
        agentSettings = AgentSettings(
            site: "cairo",
            certificate: site.certificate,
            key: site.key,
            signers: [signer.certificate],
            directory: folder.path,
            commandSeconds: 1,
            user: "site.cairo"
        )
    }

    private static func identity(
        _ name: String,
        _ purpose: Certificate.Purpose
    ) throws -> (certificate: Certificate, key: PrivateKey) {
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

    /// Runs the agent, and the worker's reader of answers, while `body` lasts.
    func withAgent(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let consumer = broker.peer(subscriptions: [SiteAgent.queue(of: "cairo")], prefetch: 1)
        let agent = SiteAgent(
            agentSettings,
            broker: consumer,
            clock: SystemClock(),
            logger: Logger(label: "agent") { _ in SwiftLogNoOpLogHandler() }
        )
        let (broker, ledger) = (broker, ledger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await agent.run() }
            group.addTask { try await broker.run() }
            group.addTask {
                for await delivery in broker.deliveries {
                    ledger.take(delivery)
                    await broker.acknowledge([delivery.tag])
                }
            }
            try await eventually(within: .seconds(10), "both are connected") {
                broker.state.isPublishing && consumer.state.isConsuming
            }
            try await body()
            group.cancelAll()
        }
    }

    var file: String? {
        FileManager.default.contents(atPath: folder.file("app.env")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
