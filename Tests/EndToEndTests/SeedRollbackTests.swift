import Foundation
import RealParts
import RekeyCore
import StandInParts
import Synchronization
import Testing

/// Two ways back to the previous value, and what readers of the latest version see of each.
@Suite(.serialized, .timeLimit(.minutes(15))) struct `A way back` {
    private static let name = "orders-client-secret"

    /// Somebody who reads the secret without a version, as most applications do.
    private final class Reader: Sendable {
        private let answers = Mutex<[(status: Int, body: String)]>([])
        private let task: Mutex<Task<Void, any Error>?> = Mutex(nil)

        init(_ estate: Estate) {
            let task = Task { [weak self] in
                while !Task.isCancelled {
                    let answer = try await estate.azure.read(name, in: "app", as: "observer")
                    self?.answers.withLock { $0.append(answer) }
                }
            }
            self.task.withLock { $0 = task }
        }

        deinit { task.withLock { $0?.cancel() } }

        var count: Int { answers.withLock { $0.count } }
        var refusals: [(status: Int, body: String)] {
            answers.withLock { $0.filter { $0.status != 200 } }
        }

        /// Waits until it has read a few times more.
        func readsOn() async throws {
            let before = count
            try await eventually(within: .seconds(30), "it reads on") { self.count > before + 3 }
        }
    }

    @Test func `by a new version breaks no reader, and by a disabled one breaks all`()
        async throws
    {
        let estate = try await Estate.make()
        let user = "\"user:\(estate.rabbit.user)\""
        try estate.writeConfiguration([
            ("grace: 1s", "grace: 1s\n    approval: true"),
            ("request: [\(user)]", "request: [\(user)]\n  approve: [\(user)]"),
        ])
        let worker = try await estate.startWorker()
        let reader = Reader(estate)
        let rotate = try await estate.rekey("rotate", "orders-client")
        #expect(rotate.exit == .code(0), "\(rotate.errors)")
        try await estate.says("done       refresh", about: "orders-client")
        let candidate = try await estate.azure.value(of: Self.name, in: "app", as: "observer")
        #expect(candidate != estate.firstSecret)

        // Rekey's: the previous value again, as a version of its own.
        let reject = try await estate.rekey("reject", "orders-client")
        #expect(reject.exit == .code(0), "\(reject.errors)")
        #expect(try await estate.end(of: "orders-client") == "rolledBack")
        try await reader.readsOn()
        #expect(reader.refusals.isEmpty, "\(reader.refusals)")
        let stored = try #require(try await estate.azure.accepted().vaults["app"]?[Self.name])
        #expect(stored.versions.count == 3 && stored.versions.allSatisfy(\.enabled))
        let latest = try #require(stored.latest)
        let now = try await estate.azure.value(of: Self.name, in: "app", as: "observer")
        #expect(now == estate.firstSecret)
        #expect(try await estate.azure.signIn("orders-api", now) == 200)

        // The seed's: disable the latest and trust the one before it.
        try await estate.azure.disable(latest, of: Self.name, in: "app", as: "observer")
        try await eventually(within: .seconds(30), "readers are refused") {
            !reader.refusals.isEmpty
        }
        try await reader.readsOn()
        #expect(reader.refusals.allSatisfy { $0.status == 403 })
        #expect(reader.refusals.allSatisfy { $0.body.contains("SecretDisabled") })
        let answer = try await estate.azure.read(Self.name, in: "app", as: "observer")
        #expect(answer.status == 403, "the version before is enabled, and nobody falls back to it")
        #expect(worker.isRunning)
    }
}
