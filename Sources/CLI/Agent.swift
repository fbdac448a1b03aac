import ArgumentParser
import Foundation
import Logging
import RabbitMQBroker
import RekeyAgent
import RekeyConfiguration
import RekeyCore
import RekeyPlatform
import RekeyPorts
import RekeyWorker
import ServiceLifecycle
import UnixSignals

/// `rekey agent --site NAME`: writes values at an on-prem site, and runs its commands.
struct Agent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes what the worker hands to a site: writes a .env file, runs a command.",
        discussion: "It needs no configuration file: a site knows only itself and the signer."
    )

    @Option(help: "The site's name.")
    var site: String
    @Option(help: "The broker: amqps://HOST:PORT, without a password.")
    var broker: String
    @Option(help: "The broker's virtual host.")
    var vhost = "/rekey"
    @Option(help: "The broker's user (default: rekey-agent-NAME).")
    var user: String?
    @Option(help: "Where the broker's password is: file:/path or env:NAME.")
    var password: String
    @Option(help: "A PEM file with the authorities to trust (default: the system's).")
    var ca: String?
    @Option(help: "The site's certificate, PEM.")
    var certificate: String
    @Option(help: "The site's private key, PEM.")
    var signingKey: String
    @Option(name: .customLong("signer"), help: "A certificate of the worker, PEM; may be repeated.")
    var signers: [String]
    @Option(help: "Where the agent remembers what it applied.")
    var directory: String
    @Option(help: "How many seconds a command may run.")
    var commandSeconds = 60.0

    func run() async throws {
        let logger = ConsoleLog.logger()
        for failure in ProcessHardening.apply() {
            logger.warning("a measure against dumps failed", metadata: ["measure": "\(failure)"])
        }
        let user = user ?? SiteAnswer.standardUser(site: site)
        let settings = AgentSettings(
            site: site,
            certificate: try Assembly.certificate(certificate),
            key: try Assembly.signingKey(signingKey),
            signers: try signers.map { try Assembly.certificate($0) },
            directory: directory,
            commandSeconds: commandSeconds,
            user: user
        )
        guard settings.certificate.matches(settings.key) else {
            throw Problem(
                "\(signingKey) is not the key of \(certificate)",
                hint: "each delivery would be refused; see `rekey site add --help`",
                code: Problem.configuration
            )
        }
        let lock = try lockDirectory()
        let broker = RabbitMQBroker(
            settings: try brokerSettings(user),
            topology: Topology(),
            subscriptions: [Subscription(SiteAgent.queue(of: site), prefetch: 1)]
        )
        let agent = SiteAgent(settings, broker: broker, clock: SystemClock(), logger: logger)
        logger.info("the agent runs", metadata: ["site.name": "\(site)"])
        let group = ServiceGroup(
            services: [AgentService(agent: agent)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        try await group.run()
        withExtendedLifetime(lock) {}
    }

    /// One agent for each directory.
    private func lockDirectory() throws -> FileLock {
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            if let lock = try FileLock.take("\(directory)/agent.lock") { return lock }
        } catch {
            throw Problem("\(directory) cannot be used: \(error)")
        }
        throw Problem(
            "\(directory) is held by another agent",
            hint: "stop it, or give this one a directory of its own"
        )
    }

    private func brokerSettings(_ user: String) throws -> RabbitMQSettings {
        guard let url = URLComponents(string: broker), let host = url.host,
            url.scheme == "amqp" || url.scheme == "amqps", url.password == nil
        else {
            throw Problem(
                "--broker is no address such as amqps://rabbitmq.example.com:5671",
                hint: "a password does not belong into it: say --password file:/path",
                code: Problem.usage
            )
        }
        let isEncrypted = url.scheme == "amqps"
        let port = isEncrypted ? RabbitMQSettings.defaultTLSPort : RabbitMQSettings.defaultPort
        let place = password
        var settings = RabbitMQSettings(
            addresses: [.init(host: host, port: url.port ?? port)],
            virtualHost: vhost,
            user: user,
            password: { () async throws(StepFailure) -> Secret in try Self.secret(at: place) },
            tls: isEncrypted
                ? RabbitMQTLS(caFile: ca ?? "/etc/ssl/certs/ca-certificates.crt") : nil
        )
        settings.connectDeadline = .seconds(15)
        return settings
    }

    private static func secret(at place: String) throws(StepFailure) -> Secret {
        if place.hasPrefix("file:") { return try SecretResolver.file(String(place.dropFirst(5))) }
        if place.hasPrefix("env:") {
            return try SecretResolver.environment(String(place.dropFirst(4)))
        }
        throw StepFailure(.permanent, "--password is a place: file:/path or env:NAME")
    }
}

/// Ends at once when asked to: what is in hand comes again.
private struct AgentService: Service {
    let agent: SiteAgent

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await agent.run() }
    }
}
