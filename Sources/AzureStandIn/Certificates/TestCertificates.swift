import Foundation

/// Makes the test CA, the server's certificate for localhost, and the key that signs tokens.
struct TestCertificates: Sendable {
    static let lifetimeDays = "365"

    let directory: String
    let tool: OpenSSLTool

    var authorityFile: String { "\(directory)/ca.pem" }
    var authorityKeyFile: String { "\(directory)/private/ca.key" }
    var serverFile: String { "\(directory)/private/server.pem" }
    var serverKeyFile: String { "\(directory)/private/server.key" }
    var signingKeyFile: String { "\(directory)/private/signing.key" }

    /// Makes all of them, once for a directory: a second start keeps the CA that clients trust.
    func prepare() async throws {
        guard !FileManager.default.fileExists(atPath: serverFile) else { return }
        try await makeAuthority()
        try await makeServerCertificate()
        try await makeKey(signingKeyFile)
    }

    /// What Entra signs with, and takes a client's signature of (RS256): a key of RSA.
    private func makeKey(_ path: String) async throws {
        _ = try await tool.run("make a key", ["genrsa", "-out", path, "2048"])
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// What only TLS uses; one of RSA takes longer to make than all else that a start does.
    private func makeTLSKey(_ path: String) async throws {
        let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        _ = try await tool.run("make a key for TLS", ["genpkey"] + curve + ["-out", path])
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    private func makeAuthority() async throws {
        try await makeTLSKey(authorityKeyFile)
        _ = try await tool.run(
            "make the test CA",
            [
                "req", "-x509", "-new", "-key", authorityKeyFile, "-sha256",
                "-days", TestCertificates.lifetimeDays, "-subj", "/CN=azure-standin test CA",
                "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-out", authorityFile,
            ]
        )
    }

    private func makeServerCertificate() async throws {
        try await makeTLSKey(serverKeyFile)
        let request = "\(directory)/private/server.csr"
        let extensions = "\(directory)/private/server.ext"
        let text = """
            basicConstraints=critical,CA:FALSE
            keyUsage=critical,digitalSignature
            extendedKeyUsage=serverAuth
            subjectAltName=DNS:localhost,IP:127.0.0.1
            authorityKeyIdentifier=keyid
            """
        try text.write(toFile: extensions, atomically: true, encoding: .utf8)
        _ = try await tool.run(
            "ask for the server's certificate",
            [
                "req", "-new", "-key", serverKeyFile, "-subj", "/CN=localhost", "-out", request,
            ]
        )
        _ = try await tool.run(
            "sign the server's certificate",
            [
                "x509", "-req", "-in", request, "-CA", authorityFile, "-CAkey", authorityKeyFile,
                "-CAcreateserial", "-sha256", "-days", TestCertificates.lifetimeDays,
                "-extfile", extensions, "-out", serverFile,
            ]
        )
    }

    /// Makes a self-signed certificate with its key in one PEM file, as clients read it.
    func makeClientCertificate(_ path: String, name: String) async throws {
        let key = "\(path).key"
        try await makeKey(key)
        _ = try await tool.run(
            "make a client certificate",
            [
                "req", "-x509", "-new", "-key", key, "-sha256",
                "-days", TestCertificates.lifetimeDays, "-subj", "/CN=\(name)", "-out", path,
            ]
        )
        let pem = try Data(contentsOf: URL(fileURLWithPath: path))
        let keyPEM = try Data(contentsOf: URL(fileURLWithPath: key))
        try PrivateFile.write(pem + keyPEM, to: path)
        try FileManager.default.removeItem(atPath: key)
    }

    /// Writes the public key of a certificate beside it and gives its path.
    func publicKeyFile(ofCertificate path: String, at target: String) async throws -> String {
        let output = try await tool.run(
            "read the certificate",
            ["x509", "-in", path, "-pubkey", "-noout"]
        )
        try Data(output).write(to: URL(fileURLWithPath: target))
        return target
    }
}
