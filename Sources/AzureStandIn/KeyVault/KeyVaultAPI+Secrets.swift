import Foundation

/// Set, get and update.
extension KeyVaultAPI {
    /// Every set makes a new version, also of the same value, and inherits nothing.
    static func setSecret(
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        let name = call.path[1]
        try SecretParameters.checkName(name)
        try countWrite(vault: vault, in: &world)
        let parameters = try SecretParameters(call.json)
        guard let value = parameters.value else {
            throw .badParameter("The parameter value was not specified")
        }
        guard var state = world.vaults[vault] else { throw .notFound(name) }
        var record = state.secrets[name.lowercased()] ?? SecretRecord(name: name)
        try checkWritable(record, in: world)
        let time = Int(world.now.timeIntervalSince1970)
        let version = SecretVersion(
            id: VaultState.newVersionID(),
            value: value,
            contentType: parameters.contentType,
            tags: parameters.tags,
            isEnabled: parameters.isEnabled ?? true,
            notBefore: parameters.notBefore,
            expires: parameters.expires,
            created: time,
            updated: time
        )
        record.versions.append(version)
        record.phase = .active
        state.secrets[name.lowercased()] = record
        world.vaults[vault] = state
        let event = VaultEvent(.secretNewVersionCreated, vault: state.name, record.name, version)
        return Answer(200, bundle(version, call, record, state))
            .changing(
                change("secretVersion", record, version),
                effects: [.publish(event, to: nil)]
            )
    }

    /// Counts a write against the vault's limit over ten seconds, where one is set.
    private static func countWrite(
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) {
        let limit = Int(world.settings.vaultWritesPerTenSeconds)
        guard limit > 0 else { return }
        let real = world.clock.real
        var writes = world.vaults[vault]?.recentWrites ?? []
        writes.removeAll { real.timeIntervalSince($0) >= 10 }
        // What was refused counts as well, as the documentation may be read.
        writes.append(real)
        world.vaults[vault]?.recentWrites = writes
        guard writes.count <= limit else { throw .throttled }
    }

    private static func checkWritable(
        _ record: SecretRecord,
        in world: World
    ) throws(KeyVaultError) {
        switch record.phase {
        case .active: return
        case .deleted:
            throw .conflict(
                record.name,
                inner: record.isListedAsDeleted(at: world.clock.real)
                    ? "ObjectIsDeletedButRecoverable" : "ObjectIsBeingDeleted"
            )
        case .recovering(_, let writableFrom):
            guard world.clock.real >= writableFrom else {
                throw .conflict(record.name, inner: "ObjectIsBeingRecovered")
            }
        }
    }

    /// Without a version the newest, even if disabled: there is no falling back.
    static func getSecret(
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        let record = try readable(call.path[1], vault: vault, in: world)
        guard let index = index(of: call, in: record), let state = world.vaults[vault] else {
            throw .notFound(call.path[1...].joined(separator: "/"))
        }
        guard record.versions[index].isEnabled else { throw .disabled }
        return Answer(200, bundle(record.versions[index], call, record, state))
    }

    /// Changes what is named only, but tags as a whole, and answers without the value.
    static func updateSecret(
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        var record = try readable(call.path[1], vault: vault, in: world)
        try checkWritable(record, in: world)
        let parameters = try SecretParameters(call.json)
        guard let index = index(of: call, in: record), let state = world.vaults[vault] else {
            throw .notFound(call.path[1...].joined(separator: "/"))
        }
        var version = record.versions[index]
        version.contentType = parameters.contentType ?? version.contentType
        version.tags = parameters.tags ?? version.tags
        version.isEnabled = parameters.isEnabled ?? version.isEnabled
        version.notBefore = parameters.notBefore ?? version.notBefore
        if parameters.expires != nil { version.isExpiryOriginal = false }
        version.expires = parameters.expires ?? version.expires
        version.updated = Int(world.now.timeIntervalSince1970)
        record.versions[index] = version
        world.vaults[vault]?.secrets[record.name.lowercased()] = record
        let item = version.item(id: identifier(call, record.name, version.id), in: state)
        return Answer(200, .object(item)).changing(change("secretUpdated", record, version))
    }

    private static func index(of call: Call, in record: SecretRecord) -> Int? {
        guard call.path.count > 2 else { return record.versions.indices.last }
        let id = call.path[2].lowercased()
        return record.versions.firstIndex { $0.id == id }
    }

    private static func bundle(
        _ version: SecretVersion,
        _ call: Call,
        _ record: SecretRecord,
        _ state: VaultState
    ) -> JSON {
        var members = version.item(id: identifier(call, record.name, version.id), in: state)
        members["value"] = .string(version.value)
        return .object(members)
    }

    /// What the change log says of a version.
    static func change(_ kind: String, _ record: SecretRecord, _ version: SecretVersion) -> JSON {
        [
            "kind": .string(kind), "name": .string(record.name), "version": .string(version.id),
            "digest": .string(version.digest), "enabled": .bool(version.isEnabled),
            "exp": version.expires.map(JSON.integer) ?? .null,
            "tags": .object((version.tags ?? [:]).mapValues(JSON.string)),
        ]
    }
}
