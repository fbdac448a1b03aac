import Foundation
import RekeyPlatform
import Testing

/// `openssl s_server` on a free loopback port, which answers any request with a page of its own.
final class TLSServer: Sendable {
    let port: Int
    private let child: ChildProcess

    /// Serves with `signer`'s certificate, and returns once it listens.
    init(_ signer: Signer, options: [String] = [], in folder: TemporaryFolder) async throws {
        try signer.write(to: folder)
        let arguments = [
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", "certificate.pem",
            "-key", "key.pem",
        ]
        let child = try ChildProcess(arguments + options, in: folder)
        var port: Int?
        try await eventually {
            port = try child.output.split(separator: "\n")
                .first { $0.hasPrefix("ACCEPT 127.0.0.1:") }
                .flatMap { Int($0.dropFirst("ACCEPT 127.0.0.1:".count)) }
            return port != nil
        }
        self.child = child
        self.port = port ?? 0
    }

    func url(host: String = "127.0.0.1") -> String { "https://\(host):\(port)/" }

    func end() async {
        child.end()
        _ = await child.exitStatus()
    }
}
