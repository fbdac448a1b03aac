import RekeyCore
import RekeyPorts
import Testing

extension TargetConformance {
    /// A rotation, another one that goes back and forth, and the writes that come too late.
    func installs() async throws {
        let target = try #require(target as? any InstallingTarget)
        let next = try #require(try await target.inspect(current: current).next)
        #expect((next == current.account) == (strategy == .replace))
        let candidate = Credential(account: next, secret: makeSecret())
        #expect(try await target.accepts(candidate) == false)

        for _ in 0..<2 {
            try await target.install(candidate, fence: fence)
            #expect(try await target.accepts(candidate))
            try await target.prove(candidate, like: current.account)
        }
        // Nobody is locked out while old and new are side by side, where they can be.
        #expect(try await target.accepts(current) == strategy.overlaps)
        #expect(try await target.inspect(current: candidate).current == next)

        try await givesBack(current, after: candidate, on: target)
        try await refusesLateWrites(to: target, while: candidate)
        guard strategy.overlaps else { return }
        try await retires(current, keeping: candidate, under: fence(epoch: 3))
        let accounts = try await target.inspect(current: candidate).accepted.map(\.account)
        #expect(accounts == [next])
        try await anotherRotation(of: candidate, on: target)
    }

    /// A restore is the same call with the previous value, and forward again.
    private func givesBack(
        _ previous: Credential,
        after candidate: Credential,
        on target: any InstallingTarget
    ) async throws {
        try await target.install(previous, fence: fence(epoch: 1))
        #expect(try await target.accepts(previous))
        try await target.install(candidate, fence: fence(epoch: 2))
        #expect(try await target.accepts(candidate))
    }

    private func refusesLateWrites(
        to target: any InstallingTarget,
        while candidate: Credential
    ) async throws {
        guard isFenced else { return }
        let stranger = Fence(
            installation: "somebody-else",
            credential: fence.credential,
            sequence: fence.sequence + 100,
            epoch: fence.epoch + 100
        )
        let late = Credential(account: candidate.account, secret: makeSecret())
        for fence in [fence(epoch: 1), fence(sequence: -1, epoch: 50), stranger] {
            let failure = await #expect(throws: StepFailure.self) {
                try await target.install(late, fence: fence)
            }
            #expect(failure?.kind == .permanent)
            #expect(failure?.reason.hasPrefix("fence: ") == true)
            #expect(try await target.accepts(late) == false)
            #expect(try await target.accepts(candidate))
        }
    }

    /// The retired account takes the next value, and gets in again.
    private func anotherRotation(
        of candidate: Credential,
        on target: any InstallingTarget
    ) async throws {
        let back = try #require(try await target.inspect(current: candidate).next)
        #expect(back == current.account)
        let second = Credential(account: back, secret: makeSecret())
        try await target.install(second, fence: fence(sequence: 1, epoch: 4))
        try await target.prove(second, like: candidate.account)
        #expect(try await target.accepts(candidate))
        try await retires(candidate, keeping: second, under: fence(sequence: 1, epoch: 5))
    }
}
