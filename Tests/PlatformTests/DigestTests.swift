import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A digest` {
    // FIPS 180-4's examples, as NIST publishes them.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func `is SHA-256 as NIST has it`(text: String, digest: String) {
        #expect(Digest.sha256(text.utf8).hexadecimal == digest)
        #expect(Digest.sha256(Secret(text: text)).hexadecimal == digest)
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ])
    func `is SHA-1 as NIST has it`(text: String, digest: String) {
        #expect(Digest.sha1(text.utf8).hexadecimal == digest)
    }

    /// RFC 7914 §11, the first 32 of 64 bytes.
    @Test(arguments: [
        (
            "passwd", "salt", 1,
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        ),
        (
            "Password", "NaCl", 80_000,
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
        ),
    ])
    func `is PBKDF2 as RFC 7914 has it`(
        password: String,
        salt: String,
        rounds: Int,
        expected: String
    ) {
        let key = Digest.stretched(
            Secret(text: password),
            salt: Array(salt.utf8),
            rounds: Int32(rounds)
        )
        #expect(key == Secret(copying: [UInt8](hexadecimal: expected)))
    }

    /// RFC 4231 §4.2 to §4.8, the truncated one left out.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), Array("Hi There".utf8).hexadecimal,
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8).hexadecimal,
            Array("what do ya want for nothing?".utf8).hexadecimal,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            "0102030405060708090a0b0c0d0e0f10111213141516171819",
            String(repeating: "cd", count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            String(repeating: "aa", count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8).hexadecimal,
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `with a secret is HMAC as RFC 4231 has it`(key: String, message: String, code: String) {
        let secret = Secret(copying: [UInt8](hexadecimal: key))
        let message = [UInt8](hexadecimal: message)
        #expect(Digest.hmacSHA256(key: secret, message: message).hexadecimal == code)
    }

    @Test func `with an empty secret and message is HMAC all the same`() {
        #expect(
            Digest.hmacSHA256(key: Secret(copying: []), message: []).hexadecimal
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        )
    }

    @Test(
        arguments: [
            ([], [], true), ([1], [1], true), ([1], [2], false), ([1], [1, 0], false),
            ([1, 2, 3], [1, 2, 4], false),
        ] as [([UInt8], [UInt8], Bool)]
    )
    func `is compared whole`(left: [UInt8], right: [UInt8], areEqual: Bool) {
        #expect(Digest.areEqual(left, right) == areEqual)
    }
}
