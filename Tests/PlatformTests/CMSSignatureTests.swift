import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A signed body` {
    private static let body = Array("site-7 line\nsequence 4\r\n\0end".utf8)

    @Test(arguments: [PrivateKey.Kind.rsa2048, .p256])
    func `is verified by openssl`(kind: PrivateKey.Kind) async throws {
        let folder = try TemporaryFolder()
        let signer = try Signer(kind)
        try signer.write(to: folder)
        let signed = try CMS.sign(Self.body, certificate: signer.certificate, key: signer.key)
        try folder.write(signed, to: "signed.der")
        try await openssl(
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-in",
            "signed.der",
            "-CAfile",
            "certificate.pem",
            "-purpose",
            "any",
            "-out",
            "body",
            in: folder
        )
        #expect(try folder.bytes(of: "body") == Self.body)
    }

    @Test func `is verified when openssl signed it`() async throws {
        let folder = try TemporaryFolder()
        let signer = try Signer(.rsa2048)
        let signed = try await Self.signedByOpenSSL(signer, [], in: folder)
        let verified = try CMS.verify(signed, pinned: [signer.certificate])
        #expect(verified.content == Self.body)
        #expect(verified.signer == signer.certificate)
    }

    @Test func `names the one of several pinned signers that signed it`() throws {
        let signers = try (0..<3).map { _ in try Signer() }
        let pinned = signers.map(\.certificate)
        for signer in signers {
            let signed = try CMS.sign(Self.body, certificate: signer.certificate, key: signer.key)
            #expect(try CMS.verify(signed, pinned: pinned).signer == signer.certificate)
        }
    }

    @Test func `is refused from a signer who is not pinned`() throws {
        let signer = try Signer()
        let signed = try CMS.sign(Self.body, certificate: signer.certificate, key: signer.key)
        for pinned in [[], [try Signer().certificate]] {
            let failure = #expect(throws: CryptoFailure.self) {
                try CMS.verify(signed, pinned: pinned)
            }
            #expect(failure?.kind == .notPinned)
        }
    }

    @Test func `is refused from a signer who took a pinned one's name and number`() async throws {
        let folder = try TemporaryFolder()
        var certificates: [Certificate] = []
        for name in ["true", "false"] {
            try await openssl(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-subj",
                "/CN=rekey",
                "-set_serial",
                "7",
                "-days",
                "1",
                "-keyout",
                "\(name).key",
                "-out",
                "\(name).pem",
                in: folder
            )
            certificates.append(try Certificate(pem: folder.bytes(of: "\(name).pem")))
        }
        let key = try PrivateKey(pem: Secret(copying: folder.bytes(of: "false.key")))
        let forged = try CMS.sign(Self.body, certificate: certificates[1], key: key)
        #expect(try CMS.verify(forged, pinned: [certificates[1]]).content == Self.body)
        let failure = #expect(throws: CryptoFailure.self) {
            try CMS.verify(forged, pinned: [certificates[0]])
        }
        #expect(failure?.kind == .mismatch)
    }

    @Test func `is refused, or says the same, when any byte of it was changed`() async throws {
        let signer = try Signer()
        let signed = try CMS.sign(Self.body, certificate: signer.certificate, key: signer.key)
        var refusedCount = 0
        for index in signed.indices {
            await Task.yield()
            var changed = signed
            changed[index] ^= 0x01
            // A refusal is the usual outcome; what is not covered may change, as long as nothing
            // that comes out does.
            let verified = try? CMS.verify(changed, pinned: [signer.certificate])
            if verified == nil { refusedCount += 1 }
            #expect(verified == nil || verified?.content == Self.body)
            #expect(verified == nil || verified?.signer == signer.certificate)
        }
        #expect(refusedCount > signed.count / 4)
    }

    @Test func `is refused when its end is missing`() throws {
        let signer = try Signer()
        let signed = try CMS.sign(Self.body, certificate: signer.certificate, key: signer.key)
        for count in stride(from: 0, to: signed.count, by: 17) {
            #expect(throws: CryptoFailure.self) {
                try CMS.verify(Array(signed.prefix(count)), pinned: [signer.certificate])
            }
        }
    }

    @Test(arguments: [["-noattr"], ["-signer", "second.pem", "-inkey", "second.key"]])
    func `is refused without signed attributes, and from two signers`(
        options: [String]
    ) async throws {
        let folder = try TemporaryFolder()
        let signer = try Signer()
        let second = try Signer()
        try folder.write(second.certificate.pem.utf8, to: "second.pem")
        try folder.write(second.key.pem().bytes, to: "second.key")
        let signed = try await Self.signedByOpenSSL(signer, options, in: folder)
        let failure = #expect(throws: CryptoFailure.self) {
            try CMS.verify(signed, pinned: [signer.certificate, second.certificate])
        }
        #expect(failure?.kind == .malformed)
    }

    @Test func `is refused where its content is elsewhere`() async throws {
        let folder = try TemporaryFolder()
        let signer = try Signer()
        let signed = try await Self.signedByOpenSSL(signer, [], isDetached: true, in: folder)
        #expect(throws: CryptoFailure.self) {
            try CMS.verify(signed, pinned: [signer.certificate])
        }
    }

    @Test func `cannot be made with another's certificate`() throws {
        let certificate = try Signer().certificate
        let key = try Signer().key
        let failure = #expect(throws: CryptoFailure.self) {
            try CMS.sign(Self.body, certificate: certificate, key: key)
        }
        #expect(failure?.kind == .mismatch)
        #expect(failure?.codes.isEmpty == false)
    }

    @Test func `carries a sealed one through`() throws {
        let worker = try Signer()
        let site = try Signer(.rsa2048, purpose: .sealing)
        let secret = Secret(text: "the new ClientSecret")
        let sealed = try CMS.encrypt(secret, to: site.certificate)
        let signed = try CMS.sign(sealed, certificate: worker.certificate, key: worker.key)
        let verified = try CMS.verify(signed, pinned: [worker.certificate])
        let opened = try CMS.decrypt(
            verified.content,
            certificate: site.certificate,
            key: site.key
        )
        #expect(opened == secret)
    }

    private static func signedByOpenSSL(
        _ signer: Signer,
        _ options: [String],
        isDetached: Bool = false,
        in folder: TemporaryFolder
    ) async throws -> [UInt8] {
        try signer.write(to: folder)
        try folder.write(body, to: "body")
        var arguments = ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-in", "body"]
        arguments += ["-out", "signed.der", "-signer", "certificate.pem", "-inkey", "key.pem"]
        arguments += options + (isDetached ? [] : ["-nodetach"])
        let child = try ChildProcess(arguments, in: folder)
        #expect(await child.exitStatus() == 0)
        return try folder.bytes(of: "signed.der")
    }
}
