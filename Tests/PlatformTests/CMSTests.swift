import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A sealed body` {
    private static let body = "ConnectionStrings__Db=Host=a;Password=ä;\r\n\0end"

    @Test(arguments: [PrivateKey.Kind.rsa2048, .p256])
    func `is opened by openssl`(kind: PrivateKey.Kind) async throws {
        let folder = try TemporaryFolder()
        let site = try Signer(kind, purpose: .sealing)
        try site.write(to: folder)
        let sealed = try CMS.encrypt(Secret(text: Self.body), to: site.certificate)
        try folder.write(sealed, to: "sealed.der")
        try await openssl(
            "cms",
            "-decrypt",
            "-binary",
            "-inform",
            "DER",
            "-in",
            "sealed.der",
            "-recip",
            "certificate.pem",
            "-inkey",
            "key.pem",
            "-out",
            "opened",
            in: folder
        )
        #expect(try folder.text(of: "opened") == Self.body)
    }

    @Test(arguments: [PrivateKey.Kind.rsa2048, .p256])
    func `is opened when openssl sealed it`(kind: PrivateKey.Kind) async throws {
        let folder = try TemporaryFolder()
        let site = try Signer(kind, purpose: .sealing)
        try site.write(to: folder)
        try folder.write(Self.body.utf8, to: "body")
        try await openssl(
            "cms",
            "-encrypt",
            "-binary",
            "-aes-256-cbc",
            "-outform",
            "DER",
            "-in",
            "body",
            "-out",
            "sealed.der",
            "certificate.pem",
            in: folder
        )
        let sealed = try folder.bytes(of: "sealed.der")
        let opened = try CMS.decrypt(sealed, certificate: site.certificate, key: site.key)
        #expect(opened.text == Self.body)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 100_000])
    func `is given back whole, whatever its length`(byteCount: Int) throws {
        let site = try Signer(.p256, purpose: .sealing)
        let body = RandomBytes.secret(byteCount: byteCount)
        let sealed = try CMS.encrypt(body, to: site.certificate)
        #expect(try CMS.decrypt(sealed, certificate: site.certificate, key: site.key) == body)
    }

    @Test func `uses AES with 256 bits, and never the same sealing twice`() async throws {
        let folder = try TemporaryFolder()
        let site = try Signer(.rsa2048, purpose: .sealing)
        let sealed = try CMS.encrypt(Secret(text: Self.body), to: site.certificate)
        try folder.write(sealed, to: "sealed.der")
        let text = try await openssl(
            "cms",
            "-cmsout",
            "-print",
            "-inform",
            "DER",
            "-in",
            "sealed.der",
            in: folder
        )
        #expect(text.contains("aes-256-cbc"))
        #expect(try CMS.encrypt(Secret(text: Self.body), to: site.certificate) != sealed)
    }

    @Test func `stays closed to another's key`() throws {
        let site = try Signer(.rsa2048, purpose: .sealing)
        let other = try Signer(.rsa2048, purpose: .sealing)
        let sealed = try CMS.encrypt(Secret(text: Self.body), to: site.certificate)
        let failure = #expect(throws: CryptoFailure.self) {
            try CMS.decrypt(sealed, certificate: other.certificate, key: other.key)
        }
        #expect(failure?.kind == .mismatch)
        let unmatched = #expect(throws: CryptoFailure.self) {
            try CMS.decrypt(sealed, certificate: site.certificate, key: other.key)
        }
        #expect(unmatched?.kind == .mismatch)
    }

    @Test func `is refused where it is none`() throws {
        let site = try Signer(.p256, purpose: .sealing)
        let signed = try CMS.sign([1], certificate: site.certificate, key: site.key)
        for der in [[], [1, 2, 3], signed] as [[UInt8]] {
            let failure = #expect(throws: CryptoFailure.self) {
                try CMS.decrypt(der, certificate: site.certificate, key: site.key)
            }
            #expect(failure?.kind == .malformed)
        }
    }
}

/// A key and the certificate that it signed for itself.
struct Signer {
    let key: PrivateKey
    let certificate: Certificate

    init(_ kind: PrivateKey.Kind = .p256, purpose: Certificate.Purpose = .signing) throws {
        key = try PrivateKey.generate(kind)
        certificate = try Certificate.selfSigned(
            commonName: "rekey",
            key: key,
            validFor: .seconds(3600),
            purpose: purpose
        )
    }

    /// Writes `certificate.pem` and `key.pem`.
    func write(to folder: TemporaryFolder) throws {
        try folder.write(certificate.pem.utf8, to: "certificate.pem")
        try folder.write(key.pem().bytes, to: "key.pem")
    }
}
