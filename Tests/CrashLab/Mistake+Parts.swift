import Foundation
import RekeyCore
import RekeyPorts
import Synchronization

extension Mistake {
    /// The parts of one worker that makes this mistake; what they remember dies with it.
    func planted(in parts: WorkerParts, clock: WorldClock) -> WorkerParts {
        var parts = parts
        let memory = PlantedMemory()
        switch self {
        case .vaultBeforeTarget, .revokeBeforePersist, .unstableOperation, .ambiguousDropped,
            .repeatsBlindly:
            guard let target = parts.target else { return parts }
            parts.plantedTarget = PlantedTarget(base: target, mistake: self, memory: memory)
            parts.vault = PlantedVault(
                base: parts.vault,
                mistake: self,
                memory: memory,
                target: target
            )
        case .valueThenTags:
            parts.vault = PlantedVault(base: parts.vault, mistake: self, memory: memory)
        case .candidateNotDurable:
            parts.staging = ForgetfulVault(base: parts.staging, memory: memory)
        case .freezesTheWorkloads: break  // It is the world's to have no other configuration.
        case .revokeWithoutEvidence:
            parts.workloads = parts.workloads.mapValues { BelievedWorkload(base: $0) }
        case .noVersionCheck, .ackBeforeInbox, .sentBeforeConfirm, .anyAnswerConfirms:
            parts.broker = PlantedBroker(parts.broker, self, parts.journal)
        case .failedNeverEnds, .effectBeforeIntent, .publishBeforeCommit, .noInboxSweep,
            .noOutboxSweep, .outcomeApartFromOutbox, .outboxBeforeOutcome, .debtApart,
            .noDeduplication:
            parts.journal = PlantedJournal(
                base: parts.journal,
                mistake: self,
                memory: memory,
                broker: parts.broker
            )
        }
        return parts
    }
}

/// What one process remembers that makes a mistake.
final class PlantedMemory: Sendable {
    struct Contents: Sendable {
        /// Named to the vault, and not yet to the target.
        var pending: (credential: Credential, fence: Fence)?
        var operations = 0
        var staged: [VersionID: VaultVersion] = [:]
        /// Not yet written.
        var writes: [JournalWrite] = []
        /// What this process has put into the inbox and into the outbox.
        var inbox: Set<InboxEntry.ID> = []
        var outbox: Set<EventID> = []
        /// What the target does not accept, as far as this process believes.
        var dropped: [Secret] = []
    }

    private let contents = Mutex(Contents())

    func withContents<Value>(_ body: (inout sending Contents) -> sending Value) -> sending Value {
        contents.withLock(body)
    }
}

/// A workload that is believed to have taken up what it was never told of.
struct BelievedWorkload: Workload {
    let base: any Workload

    func refresh(_ order: WorkloadOrder) async throws(StepFailure) {}

    func observe(_ order: WorkloadOrder) async throws(StepFailure) -> Evidence { Evidence(.proved) }

    func preflight() async throws(StepFailure) -> [Finding] { try await base.preflight() }
}
