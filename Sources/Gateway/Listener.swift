import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import RekeyCore
import ServiceLifecycle

/// Where HTTP is served.
struct Listener: Sendable {
    /// What an error calls it, such as `gateway`.
    let name: String
    let host: String
    let port: Int
    var tls: GatewaySettings.Certificate?
    let logger: Logger
    /// How long a connection may be silent, in seconds.
    var idleSeconds: Int64 = 60
    /// So that callers leave enough files to open for whatever else this process does.
    static let connectionLimit = 512

    /// Serves until it is cancelled or asked to shut down.
    ///
    /// Throws where the address is taken.
    func serve(_ router: Router<BasicRequestContext>) async throws {
        var quiet = logger
        // Hummingbird tells of every connection at `info`, where paths may name secrets, and of
        // connections that a shutdown cuts at `error`; why it ends, this throws.
        quiet.logLevel = .critical
        let application = Application(
            router: router,
            server: try server(),
            configuration: .init(
                address: .hostname(host, port: port),
                serverName: "rekey",
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit)
            ),
            logger: quiet
        )
        do {
            try await application.runService(gracefulShutdownSignals: [])
        } catch let error as IOError {
            // NIO's own text names its functions, not the address.
            let reason = Self.reason(error.errnoCode)
            throw StepFailure(.permanent, "\(name) \(host):\(port): \(reason)")
        }
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case EADDRINUSE: "the address is in use"
        case EADDRNOTAVAIL: "the address is not one of this machine's"
        case EACCES: "no permission to listen there"
        default: "errno \(code)"
        }
    }

    private func server() throws -> HTTPServerBuilder {
        let http = HTTP1Channel.Configuration(idleTimeout: .seconds(idleSeconds))
        guard let own = tls else { return .http1(configuration: http) }
        let chain = try NIOSSLCertificate.fromPEMFile(own.certificatePath)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: own.keyPath, format: .pem))
        )
        configuration.minimumTLSVersion = .tlsv12
        return try .tls(.http1(configuration: http), tlsConfiguration: configuration)
    }
}
