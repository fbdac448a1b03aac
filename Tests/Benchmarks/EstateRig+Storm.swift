import InMemoryVault
import RealParts
import RekeyCore
import RekeyPorts

extension EstateRig {
    /// So many due secrets before a vault that takes 300 writes in ten seconds.
    func storm(_ count: Int) async throws -> EstateResult.Limit {
        let all = (1...count).map { BenchCredential(number: $0) }
        let base = InMemoryVault(name: BenchCredential.vault)
        var publications: [Publication] = []
        for credential in all {
            let entry = credential.document(endingIn: 10 * 86_400)
            let version = await base.place(entry, as: credential.carrier)
            publications.append(.hint(of: version, credential, number: 1))
        }
        let vault = LimitedVault(base)
        let staging = LimitedVault(InMemoryVault(name: BenchCredential.stagingVault))
        let estate = Self.estate(of: all, vault, staging: staging, graceSeconds: 0)
        let path = try folder.makeFolder("storm") + "/rekey.journal"
        let events = publications
        return try await withWorker(on: path, estate) { counts, _ in
            try await publish(events)
            try await eventually(within: .seconds(7_200), "all are rotated") {
                counts.completed >= count
            }
            let carrier = vault.figures
            let staged = staging.figures
            return EstateResult.Limit(
                rotations: counts.begun,
                writes: carrier.writes,
                seconds: carrier.seconds,
                busy: carrier.busy,
                tooManyRequests: carrier.refused + staged.refused,
                tooManyAfterWarmUp: carrier.refusedLate + staged.refusedLate,
                heldBack: carrier.heldBack + staged.heldBack
            )
        }
    }
}
