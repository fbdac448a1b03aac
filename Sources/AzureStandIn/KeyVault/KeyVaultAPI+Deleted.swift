import Foundation

/// Soft delete with its delays: a deleted name answers 404 in both places for a while.
extension KeyVaultAPI {
    static func deleteSecret(
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        guard let state = world.vaults[vault] else { throw .notFound(vault) }
        var record = try readable(call.path[1], vault: vault, in: world)
        guard let latest = record.latest else { throw .notFound(record.name) }
        guard state.isSoftDelete else {
            world.vaults[vault]?.secrets[record.name.lowercased()] = nil
            let item = latest.item(id: identifier(call, record.name, latest.id), in: state)
            return Answer(200, .object(item)).changing(change("secretDeleted", record, latest))
        }
        record.phase = .deleted(
            at: world.now,
            visibleFrom: world.clock.real.addingTimeInterval(world.settings.deleteLagSeconds)
        )
        world.vaults[vault]?.secrets[record.name.lowercased()] = record
        let item = deletedItem(record, call, state, withVersion: true) ?? [:]
        return Answer(200, .object(item)).changing(change("secretDeleted", record, latest))
    }

    static func getDeletedSecret(
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        let (record, state) = try deleted(call.path[1], vault: vault, in: world)
        return Answer(200, .object(deletedItem(record, call, state, withVersion: true) ?? [:]))
    }

    static func recoverDeletedSecret(
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        var (record, state) = try deleted(call.path[1], vault: vault, in: world)
        guard let latest = record.latest else { throw .deletedNotFound(record.name) }
        let readable = world.clock.real.addingTimeInterval(world.settings.recoverLagSeconds)
        record.phase = .recovering(
            readableFrom: readable,
            writableFrom: readable.addingTimeInterval(
                world.settings.conflictAfterRecoverSeconds
            )
        )
        world.vaults[vault]?.secrets[record.name.lowercased()] = record
        state.secrets[record.name.lowercased()] = record
        let item = latest.item(id: identifier(call, record.name, latest.id), in: state)
        return Answer(200, .object(item)).changing(change("secretRecovered", record, latest))
    }

    static func purgeDeletedSecret(
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        let (record, state) = try deleted(call.path[1], vault: vault, in: world)
        guard !state.isPurgeProtected else { throw .purgeProtected }
        world.vaults[vault]?.secrets[record.name.lowercased()] = nil
        return Answer(204).changing(["kind": "secretPurged", "name": .string(record.name)])
    }

    private static func deleted(
        _ name: String,
        vault: String,
        in world: World
    ) throws(KeyVaultError) -> (SecretRecord, VaultState) {
        guard let state = world.vaults[vault], let record = state.secrets[name.lowercased()],
            record.isListedAsDeleted(at: world.clock.real)
        else { throw .deletedNotFound(name) }
        return (record, state)
    }

    /// The latest version with the three members that tell how to get the secret back.
    static func deletedItem(
        _ record: SecretRecord,
        _ call: Call,
        _ state: VaultState,
        withVersion: Bool
    ) -> [String: JSON]? {
        guard case .deleted(let time, _) = record.phase, let latest = record.latest else {
            return nil
        }
        let id =
            withVersion
            ? identifier(call, record.name, latest.id) : "\(call.origin)/secrets/\(record.name)"
        var members = latest.item(id: id, in: state)
        let purge = time.addingTimeInterval(Double(state.retentionDays) * 86_400)
        members["recoveryId"] = .string("\(call.origin)/deletedsecrets/\(record.name)")
        members["deletedDate"] = .integer(Int(time.timeIntervalSince1970))
        members["scheduledPurgeDate"] = .integer(Int(purge.timeIntervalSince1970))
        return members
    }
}
