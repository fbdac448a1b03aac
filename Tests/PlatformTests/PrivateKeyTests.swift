import Foundation
import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A private key` {
    @Test func `survives being written and read`() throws {
        let folder = try TemporaryFolder()
        let key = try PrivateKey.generate(.rsa2048)
        let path = folder.file("signer.pem")
        try key.writePEM(to: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let read = try PrivateKey(pem: Secret(copying: folder.bytes(of: "signer.pem")))
        #expect(try read.publicKey.der() == key.publicKey.der())
        #expect(try folder.text(of: "signer.pem").hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    }

    @Test func `is not written over a file`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "signer.pem")
        let key = try PrivateKey.generate(.p256)
        #expect(throws: FileFailure.self) { try key.writePEM(to: folder.file("signer.pem")) }
        #expect(try folder.bytes(of: "signer.pem") == [1])
    }

    @Test(arguments: [
        "", "nothing", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ])
    func `is refused where it is none`(text: String) {
        let failure = #expect(throws: CryptoFailure.self) {
            try PrivateKey(pem: Secret(text: text))
        }
        #expect(failure?.kind == .malformed)
    }

    @Test func `is refused where it is encrypted, and nobody is asked for a password`() async throws
    {
        let folder = try TemporaryFolder()
        try await openssl(
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-aes256",
            "-pass",
            "pass:word",
            "-out",
            "key.pem",
            in: folder
        )
        let pem = Secret(copying: try folder.bytes(of: "key.pem"))
        let failure = #expect(throws: CryptoFailure.self) { try PrivateKey(pem: pem) }
        #expect(failure?.kind == .malformed)
    }

    @Test func `shows nothing of itself`() throws {
        let key = try PrivateKey.generate(.p256)
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "<redacted>")
        #expect(String(reflecting: key) == "<redacted>")
        #expect(dumped == "- <redacted>\n")
    }
}
