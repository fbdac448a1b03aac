import RekeyCore
import RekeyPorts
import Testing

extension TargetConformance {
    /// The target makes the value: each call one more, found again by its label.
    func issues() async throws {
        let target = try #require(target as? any IssuingTarget)
        let key = NaturalKey("conformance/apply/issue/1")
        #expect(try await target.issued(key).isEmpty)
        let first = try await target.issue(key, expires: nil)
        let second = try await target.issue(key, expires: nil)
        #expect(first.account != second.account)
        #expect(first.secret != second.secret)
        let found = try await target.issued(key)
        #expect(Set(found) == [first.account, second.account])
        #expect(try await target.issued(NaturalKey("conformance/apply/issue/2")).isEmpty)

        let lost = Credential(account: first.account, secret: first.secret)
        let candidate = Credential(account: second.account, secret: second.secret)
        try await retires(lost, keeping: candidate, under: fence)
        #expect(try await target.issued(key) == [second.account])
        try await target.prove(candidate, like: nil)
        #expect(try await target.accepts(current))
        try await retires(current, keeping: candidate, under: fence)
    }

    /// The idle key gets another value, and the current one stays as it is.
    func regenerates() async throws {
        let target = try #require(target as? any RegeneratingTarget)
        let idle = try #require(try await target.inspect(current: current).next)
        #expect(idle != current.account)
        let before = try await target.value(of: idle)
        try await target.regenerate(idle, key: "conformance/apply/regenerate/1")
        let secret = try await target.value(of: idle)
        #expect(secret != before)
        #expect(try await target.value(of: idle) == secret)

        let candidate = Credential(account: idle, secret: secret)
        try await target.prove(candidate, like: nil)
        #expect(try await target.accepts(Credential(account: idle, secret: before)) == false)
        #expect(try await target.accepts(current))
        #expect(try await target.inspect(current: candidate).next == current.account)
        try await retires(current, keeping: candidate, under: fence)
    }
}
