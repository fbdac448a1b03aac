import Foundation
import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A signature` {
    private static let content = Array("what is signed".utf8)

    @Test(
        arguments: [
            (.rsa2048, .rs256), (.rsa2048, .ps256), (.rsa3072, .rs256), (.rsa3072, .ps256),
            (.p256, .ecdsaSHA256),
        ] as [(PrivateKey.Kind, SignatureAlgorithm)]
    )
    func `is true of its bytes, its key and its algorithm only`(
        kind: PrivateKey.Kind,
        algorithm: SignatureAlgorithm
    ) throws {
        let key = try PrivateKey.generate(kind)
        let signature = try key.sign(Self.content, using: algorithm)
        let isTrue = { (signature: [UInt8], content: [UInt8]) in
            try key.publicKey.verify(signature, of: content, using: algorithm)
        }
        #expect(try isTrue(signature, Self.content))
        #expect(try !isTrue(signature, Self.content + [0]))
        #expect(try !isTrue(signature.dropLast(), Self.content))
        #expect(try !isTrue([], Self.content))
        var changed = signature
        changed[changed.count / 2] ^= 1
        #expect(try !isTrue(changed, Self.content))
        let other = try PrivateKey.generate(kind).publicKey
        #expect(try !other.verify(signature, of: Self.content, using: algorithm))
        let wrong: SignatureAlgorithm = algorithm == .rs256 ? .ps256 : .rs256
        let isWrong = try? key.publicKey.verify(signature, of: Self.content, using: wrong)
        #expect(isWrong != true)
    }

    @Test(arguments: [SignatureAlgorithm.rs256, .ps256, .ecdsaSHA256])
    func `is made and understood as by openssl`(algorithm: SignatureAlgorithm) async throws {
        let folder = try TemporaryFolder()
        let key = try PrivateKey.generate(algorithm == .ecdsaSHA256 ? .p256 : .rsa2048)
        let padding =
            algorithm == .ps256
            ? ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] : []
        try folder.write(Self.content, to: "content")
        try folder.write(key.pem().bytes, to: "key.pem")
        try folder.write(key.sign(Self.content, using: algorithm), to: "ours")
        try await openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem", in: folder)
        let verify = ["openssl", "dgst", "-sha256", "-verify", "public.pem", "-signature", "ours"]
        let verifier = try ChildProcess(verify + padding + ["content"], in: folder)
        #expect(await verifier.exitStatus() == 0)
        let sign = ["openssl", "dgst", "-sha256", "-sign", "key.pem", "-out", "theirs"]
        #expect(try await ChildProcess(sign + padding + ["content"], in: folder).exitStatus() == 0)
        let theirs = try folder.bytes(of: "theirs")
        #expect(try key.publicKey.verify(theirs, of: Self.content, using: algorithm))
    }

    // RFC 7515 Appendix A.2: a published key, and what it signed.
    @Test func `of RFC 7515's example is true`() throws {
        let modulus = """
            ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1\
            Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpa\
            SHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4\
            LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ
            """
        let signed = """
            eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
            cGxlLmNvbS9pc19yb290Ijp0cnVlfQ
            """
        let signature = """
            cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O\
            8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARN\
            PvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ\
            1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
            """
        let key = try PublicKey(
            modulus: #require(Base64URL.decode(modulus)),
            exponent: #require(Base64URL.decode("AQAB"))
        )
        let bytes = try #require(Base64URL.decode(signature))
        #expect(try key.verify(bytes, of: Array(signed.utf8), using: .rs256))
        #expect(try !key.verify(bytes, of: Array(signed.utf8) + [0], using: .rs256))
    }

    @Test(arguments: [0, 1, 64, 128, 255, 4096])
    func `is not checked with a modulus of odd length`(byteCount: Int) {
        let modulus = [UInt8](repeating: 0xA5, count: byteCount)
        #expect(throws: CryptoFailure.self) {
            try PublicKey(modulus: modulus, exponent: [1, 0, 1])
        }
    }

    @Test func `needs a key of its kind`() throws {
        let key = try PrivateKey.generate(.p256)
        let failure = #expect(throws: CryptoFailure.self) { try key.sign([1], using: .rs256) }
        #expect(failure?.kind == .unsupported)
    }
}
