import Foundation
import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A certificate` {
    @Test func `says of itself what openssl says of it`() async throws {
        let folder = try TemporaryFolder()
        let key = try PrivateKey.generate(.rsa2048)
        let certificate = try Certificate.selfSigned(
            commonName: "site seven",
            key: key,
            validFor: .seconds(90 * 86_400)
        )
        try folder.write(certificate.pem.utf8, to: "certificate.pem")
        let text = try await openssl(
            "x509",
            "-in",
            "certificate.pem",
            "-noout",
            "-serial",
            "-subject",
            "-nameopt",
            "RFC2253",
            "-fingerprint",
            "-sha256",
            "-enddate",
            "-dateopt",
            "iso_8601",
            in: folder
        )
        let fingerprint = certificate.sha256Thumbprint.hexadecimal.uppercased()
        #expect(text.contains("serial=\(certificate.serial)\n"))
        #expect(text.contains("subject=\(certificate.subject)\n"))
        #expect(text.replacing(":", with: "").contains("\(fingerprint)\n"))
        let end = certificate.notAfter.formatted(.iso8601.dateTimeSeparator(.space))
        #expect(text.contains("notAfter=\(end)\n"))
        #expect(certificate.subject == "CN=site seven")
        let sha1 = try await openssl(
            "x509",
            "-in",
            "certificate.pem",
            "-noout",
            "-fingerprint",
            "-sha1",
            in: folder
        )
        let expected = certificate.sha1Thumbprint.hexadecimal.uppercased()
        #expect(sha1.replacing(":", with: "").contains(expected))
    }

    @Test func `is read from PEM and from DER, with others around it or not`() throws {
        let certificate = try Self.selfSigned()
        let text = "Bag Attributes\n" + certificate.pem + (try Self.selfSigned().pem)
        #expect(try Certificate(pem: Array(text.utf8)) == certificate)
        #expect(try Certificate(der: certificate.der) == certificate)
        #expect(try Self.selfSigned() != certificate)
    }

    @Test func `is valid from a little before now until its end`() throws {
        let certificate = try Self.selfSigned()
        #expect(certificate.notBefore < Date.now)
        #expect(certificate.notBefore > Date.now - 3600)
        #expect(abs(certificate.notAfter.timeIntervalSinceNow - 3600) < 60)
    }

    @Test func `belongs to its own key only`() throws {
        let key = try PrivateKey.generate(.p256)
        let certificate = try Certificate.selfSigned(
            commonName: "a",
            key: key,
            validFor: .seconds(60)
        )
        #expect(certificate.matches(key))
        #expect(try !certificate.matches(PrivateKey.generate(.p256)))
        #expect(try certificate.publicKey.der() == key.publicKey.der())
    }

    @Test func `for a server is one that openssl accepts for its names only`() async throws {
        let folder = try TemporaryFolder()
        let certificate = try Certificate.selfSigned(
            commonName: "localhost",
            key: .generate(.p256),
            validFor: .seconds(60),
            purpose: .server(["DNS:localhost", "IP:127.0.0.1"])
        )
        try folder.write(certificate.pem.utf8, to: "c.pem")
        for (option, name, isNamed) in [
            ("-checkhost", "localhost", true), ("-checkhost", "other.example", false),
            ("-checkip", "127.0.0.1", true),
        ] {
            let text = try await openssl("x509", "-in", "c.pem", "-noout", option, name, in: folder)
            #expect(text.contains("does NOT match") == !isNamed)
        }
    }

    @Test(arguments: [
        "", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ])
    func `is refused where it is none`(text: String) {
        let failure = #expect(throws: CryptoFailure.self) { try Certificate(pem: Array(text.utf8)) }
        #expect(failure?.kind == .malformed)
        #expect(throws: CryptoFailure.self) { try Certificate(der: Array(text.utf8)) }
    }

    @Test func `is refused where more follows, or its end is missing`() throws {
        let der = try Self.selfSigned().der
        #expect(throws: CryptoFailure.self) { try Certificate(der: der + [0]) }
        #expect(throws: CryptoFailure.self) { try Certificate(der: der.dropLast()) }
        #expect(throws: CryptoFailure.self) {
            try Certificate(pem: [UInt8](repeating: 10, count: Certificate.byteLimit + 1))
        }
    }

    @Test func `is not made with a name longer than 64 bytes`() throws {
        let key = try PrivateKey.generate(.p256)
        let name = String(repeating: "n", count: 65)
        let failure = #expect(throws: CryptoFailure.self) {
            try Certificate.selfSigned(commonName: name, key: key, validFor: .seconds(1))
        }
        #expect(failure?.codes.isEmpty == false)
        #expect(failure?.description.contains("too long") == true)
    }

    private static func selfSigned() throws -> Certificate {
        let key = try PrivateKey.generate(.p256)
        return try Certificate.selfSigned(commonName: "a", key: key, validFor: .seconds(3600))
    }
}
