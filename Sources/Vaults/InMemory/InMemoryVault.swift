package import Foundation
package import RekeyCore
package import RekeyPorts

/// A vault in this process's memory, with Key Vault's manners.
///
/// Its state is its own, so a worker that is thrown away and made again finds it as it was. The
/// newest version is current, even when it is disabled; a disabled version's value is not given
/// out; versions are never deleted one by one; times are whole seconds; ids are in no order of
/// time. What another hand does to it is in `InMemoryVault+Outside.swift`.
package actor InMemoryVault: RetaggingVault, AddressedVault {
    /// Key Vault's limits (azure.md §2), which this vault keeps too.
    package static let valueByteLimit = 25 * 1024
    package static let tagLimit = 15

    package nonisolated let name: VaultName
    /// What its versions' addresses begin with; nil where they have none.
    private nonisolated let address: String?
    private let now: @Sendable () -> Date

    var secrets: [SecretName: Held] = [:]
    var faults: [VaultFault] = []
    var isWritable = true

    /// Every change so far, the oldest first.
    package private(set) var changes: [VaultChange] = []

    package init(
        name: VaultName,
        address: String? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.name = name
        self.address = address
        self.now = now
    }

    package nonisolated func uri(of id: VersionID, _ name: SecretName) -> String? {
        address.map { "\($0)/secrets/\(name)/\(id)" }
    }

    package func latest(_ name: SecretName) async throws(StepFailure) -> VaultVersion? {
        try await pass(.latest, name) { secrets[name]?.readable?.last?.shown }
    }

    package func version(
        _ id: VersionID,
        of name: SecretName
    ) async throws(StepFailure) -> VaultVersion? {
        try await pass(.version, name) {
            secrets[name]?.readable?.first { $0.id == id }?.shown
        }
    }

    package func write(
        _ entry: VaultEntry,
        as name: SecretName
    ) async throws(StepFailure) -> VersionID {
        try await pass(.write, name) { () throws(StepFailure) -> VersionID in
            if let refusal = refusal(of: entry, as: name) { throw refusal }
            return add(entry, as: name, isEnabled: true, isForeign: false)
        }
    }

    package func disable(_ id: VersionID, of name: SecretName) async throws(StepFailure) {
        try await pass(.disable, name) { () throws(StepFailure) in
            guard isWritable else { throw noWriteRight }
            guard secrets[name]?.readable?.contains(where: { $0.id == id }) == true else {
                throw StepFailure(.permanent, "vault \(self.name): \(name): SecretNotFound")
            }
            set(id, of: name, isEnabled: false, isForeign: false)
        }
    }

    package func retag(
        _ id: VersionID,
        of name: SecretName,
        with tags: [String: String]
    )
        async throws(StepFailure)
    {
        guard isWritable else { throw noWriteRight }
        guard let index = secrets[name]?.versions.firstIndex(where: { $0.id == id }),
            let entry = secrets[name]?.versions[index].entry
        else { throw StepFailure(.permanent, "vault \(self.name): \(name): SecretNotFound") }
        secrets[name]?.versions[index].entry = VaultEntry(
            value: entry.value,
            expires: entry.expires,
            contentType: entry.contentType,
            tags: tags
        )
    }

    package func preflight(_ name: SecretName) async throws(StepFailure) -> [Finding] {
        try await pass(.preflight, name) {
            let subject = "vault \(self.name)/\(name)"
            var findings: [Finding] = []
            if !isWritable {
                let hint = "give the worker the right to set secrets"
                findings.append(Finding(.problem, subject, "no right to write", hint: hint))
            }
            if secrets[name]?.isDeleted == true {
                let hint = "recover the secret, or choose another name"
                findings.append(Finding(.problem, subject, "the name is soft-deleted", hint: hint))
            }
            return findings
        }
    }

    /// Every version of `name` without its value, in no order of time.
    package func versions(of name: SecretName) async throws(StepFailure) -> [VaultVersion] {
        try await pass(.versions, name) {
            (secrets[name]?.readable ?? []).sorted { $0.id < $1.id }.map(\.withoutValue)
        }
    }

    private var noWriteRight: StepFailure {
        StepFailure(.permanent, "vault \(name): Forbidden ForbiddenByRbac")
    }

    private func refusal(of entry: VaultEntry, as name: SecretName) -> StepFailure? {
        let place = "vault \(self.name): \(name)"
        if !isWritable { return noWriteRight }
        if secrets[name]?.isDeleted == true {
            return StepFailure(.permanent, "\(place): Conflict ObjectIsDeletedButRecoverable")
        }
        if entry.value.byteCount > Self.valueByteLimit {
            return StepFailure(.permanent, "\(place): value over \(Self.valueByteLimit) bytes")
        }
        if entry.tags.count > Self.tagLimit {
            return StepFailure(.permanent, "\(place): more than \(Self.tagLimit) tags")
        }
        return nil
    }

    /// Does `deed` between what the faults want before it and after it.
    private func pass<Result: Sendable>(
        _ call: VaultFault.Call,
        _ name: SecretName,
        _ deed: () throws(StepFailure) -> Result
    ) async throws(StepFailure) -> Result {
        var failureAfter: StepFailure?
        for kind in takeFaults(call, name) {
            switch kind {
            case .before(let failure): throw failure
            case .after(let failure): failureAfter = failure
            case .foreignWrite(let entry):
                _ = add(entry, as: name, isEnabled: true, isForeign: true)
            case .delay(let duration):
                do { try await Task.sleep(for: duration) } catch {
                    throw StepFailure(.transient, "vault \(self.name): cancelled")
                }
            }
        }
        let result = try deed()
        if let failureAfter { throw failureAfter }
        return result
    }

    private func takeFaults(_ call: VaultFault.Call, _ name: SecretName) -> [VaultFault.Kind] {
        var taken: [VaultFault.Kind] = []
        for index in faults.indices
        where faults[index].call == call && faults[index].name.map({ $0 == name }) != false {
            if faults[index].skip > 0 {
                faults[index].skip -= 1
            } else if faults[index].count > 0 {
                faults[index].count -= 1
                taken.append(faults[index].kind)
            }
        }
        faults.removeAll { $0.count <= 0 }
        return taken
    }

    func add(
        _ entry: VaultEntry,
        as name: SecretName,
        isEnabled: Bool,
        isForeign: Bool
    ) -> VersionID {
        let id = VersionID(Self.mixedID(changes.count, of: name))
        let created = Date(timeIntervalSince1970: now().timeIntervalSince1970.rounded(.down))
        let version = Held.Version(
            id: id,
            entry: entry,
            created: created,
            isEnabled: isEnabled
        )
        secrets[name, default: Held()].versions.append(version)
        record(.written, name, id, isForeign: isForeign)
        return id
    }

    /// Changes whether a version is enabled; recorded only where that is a change.
    func set(_ id: VersionID, of name: SecretName, isEnabled: Bool, isForeign: Bool) {
        guard let index = secrets[name]?.versions.firstIndex(where: { $0.id == id }),
            secrets[name]?.versions[index].isEnabled != isEnabled
        else { return }
        secrets[name]?.versions[index].isEnabled = isEnabled
        record(isEnabled ? .enabled : .disabled, name, id, isForeign: isForeign)
    }

    func record(
        _ deed: VaultChange.Deed,
        _ name: SecretName,
        _ version: VersionID?,
        isForeign: Bool
    ) {
        let change = VaultChange(
            sequence: changes.count + 1,
            time: now(),
            deed: deed,
            name: name,
            version: version,
            isForeign: isForeign
        )
        changes.append(change)
    }

    /// 32 hexadecimal digits, one for each number, whose order says nothing (FNV-1a, SplitMix64).
    private static func mixedID(_ number: Int, of name: SecretName) -> String {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
        state &+= UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        let halves = (0..<2).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            let digits = String(mixed ^ (mixed >> 31), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return halves.joined()
    }
}
