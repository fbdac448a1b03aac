import Foundation

/// The `openssl` program, for what the stand-in needs of certificates and signatures.
///
/// Keys and data go through private files, never through arguments.
struct OpenSSLTool: Sendable {
    static let program = "/usr/bin/openssl"

    /// Where its files with no name are made.
    let scratch: String

    /// Runs it and gives what it wrote; the error names the step and never what was written.
    func run(_ step: String, _ arguments: [String], input: [UInt8] = []) async throws -> [UInt8] {
        let result = try await ChildProcess.run(
            OpenSSLTool.program,
            arguments,
            input: input,
            directory: scratch,
            scratch: scratch
        )
        guard result.exitCode == 0 else {
            throw StandInFailure("openssl could not \(step) (exit code \(result.exitCode))")
        }
        return result.output
    }

    /// Whether the signature over `message` is that of the public key in a PEM file.
    func verify(
        _ message: [UInt8],
        signature: [UInt8],
        keyFile: String,
        isPSS: Bool
    ) async throws -> Bool {
        let path = "\(scratch)/\(UUID().uuidString).signature"
        try Data(signature).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var arguments = ["dgst", "-sha256", "-verify", keyFile, "-signature", path]
        if isPSS {
            arguments += ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
        }
        let result = try await ChildProcess.run(
            OpenSSLTool.program,
            arguments,
            input: message,
            directory: scratch,
            scratch: scratch
        )
        return result.exitCode == 0
    }

    /// The fingerprint of the first certificate in a PEM file, as hexadecimal digits.
    func fingerprint(ofCertificate file: String, digest: String) async throws -> String {
        let text = String(
            decoding: try await run(
                "read the certificate",
                ["x509", "-in", file, "-noout", "-fingerprint", "-\(digest)"]
            ),
            as: UTF8.self
        )
        let hex = text.split(separator: "=").last ?? ""
        return hex.filter(\.isHexDigit).lowercased()
    }

    /// The modulus of an RSA key, big endian, for the key set.
    func modulus(ofKey file: String) async throws -> [UInt8] {
        let text = String(
            decoding: try await run(
                "read the signing key",
                ["rsa", "-in", file, "-noout", "-modulus"]
            ),
            as: UTF8.self
        )
        return Hex.decode(text.split(separator: "=").last.map(String.init) ?? "")
    }
}

/// Why the stand-in cannot start or go on; safe to show.
struct StandInFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
