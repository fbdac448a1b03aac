import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Puts the parts together and runs them until a signal ends them.
struct Assembly {
    /// Connections that are still open after this are cut.
    static let shutdownLimit = Duration.milliseconds(500)

    private let standIn: StandIn
    private let control: ControlAPI
    private let certificates: TestCertificates
    private let directory: String
    private let logger: Logger

    init(directory: String, scenario: Scenario, logger: Logger) async throws {
        self.directory = directory
        self.logger = logger
        for folder in ["", "/private", "/private/scratch", "/jobs"] {
            try FileManager.default.createDirectory(
                atPath: directory + folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        let tool = OpenSSLTool(scratch: "\(directory)/private/scratch")
        certificates = TestCertificates(directory: directory, tool: tool)
        try await certificates.prepare()
        let builder = WorldBuilder(directory: directory, certificates: certificates)
        var world = try await builder.world(scenario, at: Date())
        let signer = try TokenSigner(
            keyFile: certificates.signingKeyFile,
            keyID: StableID.uuid("signing/\(directory)")
        )
        world.keySet = signer.keySet(
            modulus: try await tool.modulus(ofKey: certificates.signingKeyFile)
        )
        standIn = StandIn(
            world: world,
            log: try ChangeLog(path: "\(directory)/changes.jsonl"),
            signer: signer,
            verifier: AssertionVerifier(tool: tool)
        )
        let token = UUID().uuidString
        try ValueSource.write(token, to: "\(directory)/control-token")
        try ValueSource.write(world.identityHeader, to: "\(directory)/private/identity-header")
        control = ControlAPI(standIn: standIn, token: token, builder: builder)
        try await noteInitialState(world)
    }

    /// The log begins with what exists, so that replaying it gives the whole state.
    private func noteInitialState(_ world: World) async throws {
        for record in world.applications.values.sorted(by: { $0.name < $1.name }) {
            for password in record.passwords {
                let change = GraphAPI.change("passwordAdded", record, password)
                try await standIn.note(api: "scenario", operation: "addPassword", change)
            }
        }
        for vault in world.vaults.values.sorted(by: { $0.name < $1.name }) {
            for record in vault.secrets.values.sorted(by: { $0.name < $1.name }) {
                for version in record.versions {
                    let change = KeyVaultAPI.change("secretVersion", record, version)
                    try await standIn.note(
                        api: "scenario",
                        operation: "setSecret",
                        change,
                        vault: vault.name
                    )
                }
            }
        }
    }

    func run() async throws {
        let vaults = await standIn.read { $0.vaults.keys.sorted() }
        let apis =
            [API.login, .graph, .arm, .identity, .control] + vaults.map { API.keyVault($0) }
        let listeners = apis.map(listener)
        let file = StandInFile(
            standIn: standIn,
            directory: directory,
            certificates: certificates,
            apis: apis
        )
        let (newVaults, requests) = AsyncStream<String>.makeStream()
        let events = EventPublisher(
            standIn: standIn,
            webhook: Webhook(standIn: standIn),
            logger: logger
        )
        let effects = EffectRunner(
            standIn: standIn,
            jobs: JobRunner(
                standIn: standIn,
                directory: directory,
                scratch: "\(directory)/private/scratch",
                logger: logger
            ),
            events: events,
            openVault: { requests.yield($0) }
        )
        var configuration = ServiceGroupConfiguration(
            services: listeners + [file, effects, events],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = Assembly.shutdownLimit
        let group = ServiceGroup(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for await name in newVaults {
                    await group.addServiceUnlessShutdown(listener(.keyVault(name)))
                }
            }
            try await group.run()
            requests.finish()
        }
    }

    private func listener(_ api: API) -> Listener {
        Listener(
            front: Front(api: api, standIn: standIn, control: control),
            certificates: certificates,
            logger: logger
        )
    }
}
