import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Base 64 for URLs` {
    // RFC 4648 §10 without its padding, then RFC 7515 Appendix C and A.1.1.
    @Test(
        arguments: [
            ([], ""), (Array("f".utf8), "Zg"), (Array("fo".utf8), "Zm8"),
            (Array("foo".utf8), "Zm9v"),
            (Array("foob".utf8), "Zm9vYg"), (Array("fooba".utf8), "Zm9vYmE"),
            (Array("foobar".utf8), "Zm9vYmFy"), ([3, 236, 255, 224, 193], "A-z_4ME"),
            (
                Array("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}".utf8),
                "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            ),
        ] as [([UInt8], String)]
    )
    func `is as the RFCs have it`(bytes: [UInt8], text: String) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text) == bytes)
    }

    @Test(arguments: ["Zg==", "A", "Zm9vA", "Zh", "Zm9", "A+", "A/", " Zg", "Zg\n", "Zä"])
    func `takes one spelling only`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `gives back whatever it was given`() {
        for count in 0..<200 {
            let bytes = RandomBytes.array(count: count)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }
}
