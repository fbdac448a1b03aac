import InMemoryTarget
import InMemoryVault
import RekeyCore
import RekeyPorts

/// What one credential's rotation touches: it outlives every connection.
struct OutsideSystems: Sendable {
    /// What was changed so far.
    struct Deeds: Sendable, Equatable, CustomStringConvertible {
        var installed = 0
        var retired = 0
        var written = 0
        var staged = 0
        var refreshed = 0

        /// A rotation's, each once.
        static let ofOneRotation = Deeds(
            installed: 1,
            retired: 1,
            written: 1,
            staged: 1,
            refreshed: 1
        )

        static func - (left: Deeds, right: Deeds) -> Deeds {
            Deeds(
                installed: left.installed - right.installed,
                retired: left.retired - right.retired,
                written: left.written - right.written,
                staged: left.staged - right.staged,
                refreshed: left.refreshed - right.refreshed
            )
        }

        var description: String {
            "installed \(installed), retired \(retired), written \(written), "
                + "staged \(staged), refreshed \(refreshed)"
        }
    }

    let credential: TroubleCredential
    let target: InMemoryTarget
    let vault: InMemoryVault
    let staging: InMemoryVault
    let workload: TroubleWorkload

    static func make(_ number: Int) async -> OutsideSystems {
        let credential = TroubleCredential(number: number)
        let vault = InMemoryVault(name: credential.vault)
        let first = await vault.place(credential.document, as: credential.carrier)
        return OutsideSystems(
            credential: credential,
            target: InMemoryTarget(
                strategy: .alternate,
                accounts: credential.accounts,
                accepting: [credential.current]
            ),
            vault: vault,
            staging: InMemoryVault(name: credential.staging),
            workload: TroubleWorkload(
                holding: CarrierVersion(
                    vault: credential.vault,
                    name: credential.carrier,
                    version: first
                )
            )
        )
    }

    var deeds: Deeds {
        get async {
            Deeds(
                installed: target.changes.count { $0.kind == .installed },
                retired: target.changes.count { $0.kind == .retired },
                written: await vault.changes.count { $0.deed == .written },
                staged: await staging.changes.count { $0.deed == .written },
                refreshed: workload.refreshes
            )
        }
    }
}
