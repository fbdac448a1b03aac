import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// One API on a free port of the loopback address.
struct Listener: Service {
    let front: Front
    let certificates: TestCertificates
    let logger: Logger

    func run() async throws {
        let server: HTTPServerBuilder =
            front.api.isEncrypted ? try .tls(.http1(), tlsConfiguration: tls()) : .http1()
        let application = Application(
            responder: front,
            server: server,
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: 0),
                serverName: "azure-standin"
            ),
            onServerRunning: { channel in
                guard let port = channel.localAddress?.port else { return }
                await front.standIn.bound(front.api, port: port)
            },
            logger: logger
        )
        try await application.run()
    }

    private func tls() throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMFile(certificates.serverFile)
        let key = try NIOSSLPrivateKey(file: certificates.serverKeyFile, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        // A client that keeps its connection open must not hold up the end.
        configuration.shutdownTimeout = .milliseconds(100)
        return configuration
    }
}
