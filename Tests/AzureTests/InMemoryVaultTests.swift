import Foundation
import InMemoryVault
import PortConformance
import RekeyCore
import RekeyPorts
import Testing

@Suite struct `An in-memory vault` {
    private let vault = InMemoryVault(name: "app")

    @Test(arguments: VaultConformance.all)
    func `keeps the promises of its port`(_ conformance: VaultConformance) async throws {
        try await conformance.check { InMemoryVault(name: "conformance") }
    }

    @Test func `fails before a call without changing anything`() async throws {
        await vault.inject(VaultFault(.before(StepFailure(.transient, "down")), on: .write))
        await #expect(throws: StepFailure(.transient, "down")) {
            try await vault.write(VaultEntry(value: Secret(text: "1")), as: "a")
        }
        let absent = try await vault.latest("a")
        #expect(absent == nil)
        _ = try await vault.write(VaultEntry(value: Secret(text: "1")), as: "a")
        #expect(await vault.changes.count == 1)
    }

    @Test func `fails after a call that took effect`() async throws {
        await vault.inject(VaultFault(.after(StepFailure(.unknown, "lost")), on: .write, of: "a"))
        await #expect(throws: StepFailure(.unknown, "lost")) {
            try await vault.write(VaultEntry(value: Secret(text: "1")), as: "a")
        }
        #expect(try await vault.latest("a")?.value == Secret(text: "1"))
    }

    @Test func `lets somebody else write first`() async throws {
        let foreign = VaultEntry(value: Secret(text: "theirs"))
        await vault.inject(VaultFault(.foreignWrite(foreign), on: .latest, skip: 1))
        _ = try await vault.write(VaultEntry(value: Secret(text: "ours")), as: "a")
        #expect(try await vault.latest("a")?.value == Secret(text: "ours"))
        #expect(try await vault.latest("a")?.value == Secret(text: "theirs"))
        #expect(await vault.changes.map(\.isForeign) == [false, true])
    }

    @Test func `shows an observer every version as a digest`() async throws {
        let first = await vault.place(VaultEntry(value: Secret(text: "1")), as: "a")
        let second = try await vault.write(VaultEntry(value: Secret(text: "22")), as: "a")
        let listing = await vault.listing { "\($0.byteCount)" }
        #expect(listing.map(\.version) == [first, second])
        #expect(listing.map(\.digest) == ["1", "2"])
        #expect(listing.map(\.isLatest) == [false, true])
    }

    @Test func `refuses to write a deleted name, or without the right`() async throws {
        await vault.place(VaultEntry(value: Secret(text: "1")), as: "a")
        await vault.delete("a")
        let absent = try await vault.latest("a")
        #expect(absent == nil)
        await #expect(throws: StepFailure.self) {
            try await vault.write(VaultEntry(value: Secret(text: "2")), as: "a")
        }
        #expect(try await vault.preflight("a").map(\.severity) == [.problem])
        await vault.recover("a")
        await vault.setWritable(false)
        await #expect(throws: StepFailure.self) {
            try await vault.write(VaultEntry(value: Secret(text: "2")), as: "a")
        }
        #expect(try await vault.preflight("a").map(\.severity) == [.problem])
        #expect(await vault.changes.map(\.deed) == [.written, .deleted, .recovered])
    }
}
