package import RekeyCore
package import RekeyPorts
import Testing

/// What every `Target` must do, whatever system it stands for.
///
/// Each check starts from `current` accepted and leaves the target as a rotation would.
package struct TargetConformance: Sendable {
    package let strategy: Strategy
    package let target: any Target
    /// What the target accepts at first, with its account.
    package let current: Credential
    /// Nobody has written under this fence's credential yet.
    package let fence: Fence
    /// Makes a value that the target was never given.
    package let makeSecret: @Sendable () -> Secret
    /// Whether the target keeps the fence itself.
    package let isFenced: Bool

    package init(
        strategy: Strategy,
        target: any Target,
        current: Credential,
        fence: Fence,
        isFenced: Bool = true,
        makeSecret: @escaping @Sendable () -> Secret
    ) {
        self.strategy = strategy
        self.target = target
        self.current = current
        self.fence = fence
        self.isFenced = isFenced
        self.makeSecret = makeSecret
    }

    /// Runs what applies to the strategy, ending with the old credential retired.
    package func run() async throws {
        try await looksChangeNothing()
        switch strategy {
        case .replace, .alternate: try await installs()
        case .addThenRemove: try await issues()
        case .dualKey: try await regenerates()
        case .valueOnly: Issue.record("The strategy valueOnly has no target.")
        }
    }

    /// The current credential is found, let in and proved, however often one looks.
    private func looksChangeNothing() async throws {
        let first = try await target.inspect(current: current)
        #expect(first.current == current.account)
        #expect(first.accepted.contains { $0.account == current.account })
        for _ in 0..<2 {
            #expect(try await target.accepts(current))
            try await target.prove(current, like: current.account)
        }
        #expect(try await target.preflight().allSatisfy { $0.severity != .problem })
        #expect(try await target.inspect(current: current) == first)

        let wrong = Credential(account: current.account, secret: makeSecret())
        #expect(try await target.accepts(wrong) == false)
        await #expect(throws: StepFailure.self) {
            try await target.prove(wrong, like: current.account)
        }
    }

    /// Retire takes the old one away, once and for all, and nothing else.
    func retires(_ old: Credential, keeping new: Credential, under fence: Fence) async throws {
        let account = try #require(old.account)
        _ = try await target.silence(of: account)
        for _ in 0..<2 {
            try await target.retire(account, fence: fence)
            #expect(try await target.accepts(old) == false)
            #expect(try await target.accepts(new))
        }
    }

    /// The fence of the same rotation, `steps` claims or rotations later.
    func fence(sequence: Int = 0, epoch: Int64 = 0) -> Fence {
        Fence(
            installation: fence.installation,
            credential: fence.credential,
            sequence: fence.sequence + sequence,
            epoch: fence.epoch + epoch
        )
    }
}
