import Foundation
import RekeyCore
import Testing

@Suite struct `A generator's policy` {
    private func json(_ policy: GeneratorPolicy) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(policy), as: UTF8.self)
    }

    // Its classes are a set, which every process went through in another order: two accounts of
    // one plan had different bytes, and different digests.
    @Test func `with the same classes has the same bytes in every process`() throws {
        let all = CharacterClass.allCases
        for bits in 1..<(1 << all.count) {
            let classes = all.indices.filter { bits & (1 << $0) != 0 }.map { all[$0] }
            let names = classes.map { "\"\($0)\"" }.sorted().joined(separator: ",")
            let policy = GeneratorPolicy.password(length: 20, classes: Set(classes))
            let text = "{\"password\":{\"classes\":[\(names)],\"length\":20}}"
            #expect(try json(policy) == text)
            let read = try JSONDecoder().decode(GeneratorPolicy.self, from: Data(text.utf8))
            #expect(read == policy)
        }
    }

    @Test(
        arguments: [
            (.hex(byteCount: 24), #"{"hex":{"byteCount":24}}"#), (.uuid, #"{"uuid":{}}"#),
            (.base64url(byteCount: 32), #"{"base64url":{"byteCount":32}}"#),
        ] as [(GeneratorPolicy, String)]
    )
    func `of another kind is written as it always was`(
        policy: GeneratorPolicy,
        text: String
    ) throws {
        #expect(try json(policy) == text)
        let read = try JSONDecoder().decode(GeneratorPolicy.self, from: Data(text.utf8))
        #expect(read == policy)
    }

    @Test func `that lists its classes in any order is read`() throws {
        let old = #"{"password":{"classes":["upper","signs","lower"],"length":20}}"#
        let read = try JSONDecoder().decode(GeneratorPolicy.self, from: Data(old.utf8))
        #expect(read == .password(length: 20, classes: [.upper, .signs, .lower]))
    }
}
