import RekeyCore
import Testing

@Suite struct `A generator` {
    private static let policies: [GeneratorPolicy] = [
        .password(length: 12), .password(length: 32),
        .password(length: 128, classes: Set(CharacterClass.allCases)),
        .password(length: 20, classes: [.digits]), .hex(byteCount: 24), .uuid,
        .base64url(byteCount: 16), .base64url(byteCount: 32), .base64url(byteCount: 33),
    ]

    @Test func `makes passwords of the length and classes asked for`() {
        var random = SplitMix64(seed: 1)
        let classes = Set(CharacterClass.allCases)
        for _ in 0..<500 {
            let text = Generator.makeSecret(
                .password(length: 16, classes: classes),
                using: &random
            ).text
            #expect(text.count == 16)
            for kind in classes { #expect(text.contains { kind.characters.contains($0) }) }
            #expect(text.first.map { CharacterClass.signs.characters.contains($0) } == false)
        }
    }

    @Test func `favours no character`() {
        var random = SplitMix64(seed: 7)
        var counts: [Character: Int] = [:]
        let (rounds, length, alphabet) = (4_000, 64, 62)
        for _ in 0..<rounds {
            for character in Generator.makeSecret(.password(length: length), using: &random).text {
                counts[character, default: 0] += 1
            }
        }
        #expect(counts.count == alphabet)
        let expected = Double(rounds * length) / Double(alphabet)
        let chiSquare = counts.values.reduce(0.0) { sum, count in
            sum + (Double(count) - expected) * (Double(count) - expected) / expected
        }
        // 61 degrees of freedom: 112.3 is exceeded once in 10,000. Taking a byte modulo 62
        // instead gives some 7,000.
        #expect(chiSquare < 112.3)
    }

    @Test func `makes UUIDs of version 4 in lower case`() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<50 {
            let text = Generator.makeSecret(.uuid, using: &random).text
            let pattern = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
            #expect(text.wholeMatch(of: pattern) != nil)
        }
    }

    @Test func `writes bytes as RFC 4648 asks`() {
        var ones = Ones()
        #expect(
            Generator.makeSecret(.hex(byteCount: 16), using: &ones).text
                == String(repeating: "ff", count: 16)
        )
        #expect(
            Generator.makeSecret(.base64url(byteCount: 16), using: &ones).text
                == String(repeating: "_", count: 21) + "w"
        )
        #expect(
            Generator.makeSecret(.base64url(byteCount: 17), using: &ones).text
                == String(repeating: "_", count: 22) + "8"
        )
        #expect(
            Generator.makeSecret(.base64url(byteCount: 18), using: &ones).text
                == String(repeating: "_", count: 24)
        )
    }

    @Test(arguments: policies)
    func `makes values that every form carries unchanged`(policy: GeneratorPolicy) throws {
        var random = SplitMix64(seed: 11)
        for _ in 0..<50 {
            let value = Generator.makeSecret(policy, using: &random)
            for document in `A value format`.documents {
                let written = try document.format.replacing(
                    in: Secret(document.text),
                    account: nil,
                    secret: value
                )
                #expect(try document.format.credential(in: written).secret == value)
                // No form has to escape it, so plain text search finds it for whoever looks.
                #expect(written.text.contains(value.text))
            }
        }
    }

    @Test(arguments: policies)
    func `makes values that a shell takes unquoted`(policy: GeneratorPolicy) {
        var random = SplitMix64(seed: 13)
        for _ in 0..<100 {
            let text = Generator.makeSecret(policy, using: &random).text
            #expect(
                text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
            )
        }
    }

    @Test func `draws anew each time`() {
        var random = SystemRandomNumberGenerator()
        let first = Generator.makeSecret(.password(length: 32), using: &random)
        #expect(Generator.makeSecret(.password(length: 32), using: &random) != first)
    }

    /// Every bit set.
    private struct Ones: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }
}
