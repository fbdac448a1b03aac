import Foundation

/// A certificate authority for tests, made with the `openssl` command.
package final class TestCA: Sendable {
    /// Where one certificate and its private key lie, in PEM.
    package struct Identity: Sendable {
        package let certificatePath: String
        package let keyPath: String
    }

    private static let validityDays = "2"
    private static let subject = "/CN=Rekey test CA"

    private let directory: TemporaryDirectory
    private let name: String

    /// The authority's own certificate, for clients to trust.
    package var certificatePath: String { directory.file("\(name).pem") }

    private init(name: String) throws {
        self.name = name
        directory = try TemporaryDirectory("ca")
    }

    /// The authority that the private servers of this process use.
    package static func shared() async throws -> TestCA { try await once.value }

    private static let once = Task { try await TestCA.make() }

    /// Makes another authority, which nobody trusts yet.
    package static func make(name: String = "ca") async throws -> TestCA {
        let authority = try TestCA(name: name)
        try await authority.openssl(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                "-keyout", "\(name).key", "-out", "\(name).pem", "-days", validityDays,
                "-subj", subject, "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            ]
        )
        return authority
    }

    /// Issues a certificate for a server; `subject` names its files and its common name.
    package func issue(
        _ subject: String = "localhost",
        names: [String] = ["DNS:localhost", "IP:127.0.0.1"]
    ) async throws -> Identity {
        let file = "\(subject)-\(UUID().uuidString.prefix(8))"
        // Not from a file, which two who are issued to at once would both write.
        let serial = "0x1\(UUID().uuidString.replacing("-", with: "").prefix(30))"
        let extensions = """
            basicConstraints=critical,CA:FALSE
            keyUsage=critical,digitalSignature
            extendedKeyUsage=serverAuth,clientAuth
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            subjectAltName=\(names.joined(separator: ","))
            """
        try directory.write(extensions, to: "\(file).ext")
        try await openssl(
            [
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                "-keyout", "\(file).key", "-out", "\(file).csr", "-subj", "/CN=\(subject)",
            ]
        )
        try await openssl(
            [
                "x509", "-req", "-in", "\(file).csr", "-CA", "\(name).pem", "-CAkey", "\(name).key",
                "-set_serial", serial, "-days", Self.validityDays, "-extfile", "\(file).ext",
                "-out", "\(file).pem",
            ]
        )
        return Identity(
            certificatePath: directory.file("\(file).pem"),
            keyPath: directory.file("\(file).key")
        )
    }

    private func openssl(_ arguments: [String]) async throws {
        let outcome = try await ChildProcess.run(
            "openssl",
            arguments,
            workingDirectory: directory.path
        )
        guard outcome.succeeded else {
            throw PartFailure("openssl \(arguments[0]): \(outcome.exit): \(outcome.errors)")
        }
    }
}
