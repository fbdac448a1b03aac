import Foundation

/// Applications, vaults, secrets, runbooks and workers, made or changed while it runs.
extension ControlAPI {
    func things(_ call: Call) async throws -> Answer {
        let path = call.path
        switch (call.method, path[0], path.count) {
        case ("POST", "applications", 1): return try await addApplication(call)
        case ("PATCH", "applications", 2): return try await changeApplication(call)
        case ("POST", "applications", 3) where path[2] == "passwords":
            return try await addPassword(call)
        case ("DELETE", "applications", 4) where path[2] == "passwords":
            return try await removePassword(path[1], keyID: path[3])
        case ("POST", "vaults", 1): return try await addVault(call)
        case ("PUT", "vaults", 4) where path[2] == "secrets": return try await setSecret(call)
        case ("POST", "runbooks", 1):
            let declared = try decode(Scenario.Runbook.self, call)
            let runbook = try builder.runbook(declared, at: await standIn.read { $0.now })
            await standIn.change {
                $0.automation.runbooks[runbook.name.lowercased()] = runbook
            }
            return Answer(201, ["name": .string(runbook.name)])
        case ("PUT", "workers", 3): return try await setWorker(call)
        default: return unknown(call)
        }
    }

    private func addApplication(_ call: Call) async throws -> Answer {
        let declared = try decode(Scenario.Application.self, call)
        let record = try await builder.application(declared, at: await standIn.read { $0.now })
        try await standIn.change { world in
            guard world.applications[record.appID] == nil else {
                throw ControlRefusal("name: the application exists")
            }
            world.applications[record.appID] = record
        }
        let directory = builder.directory
        return Answer(201, StandInFile.application(record, directory: directory))
    }

    private func changeApplication(_ call: Call) async throws -> Answer {
        let json = try body(call)
        let name = call.path[1]
        return try await standIn.change { world in
            guard var record = world.application(named: name) else {
                throw ControlRefusal("no application \(name)")
            }
            record.isAccountEnabled = json["accountEnabled"]?.bool ?? record.isAccountEnabled
            record.signInAudience = json["signInAudience"]?.string ?? record.signInAudience
            record.owners = json["owners"]?.elements?.compactMap(\.string) ?? record.owners
            world.applications[record.appID] = record
            return Answer(200, ["appId": .string(record.appID)])
        }
    }

    private func addPassword(_ call: Call) async throws -> Answer {
        let declared = try decode(Scenario.Password.self, call)
        let name = call.path[1]
        let state = await standIn.read { world in
            (world.now, world.application(named: name)?.passwords.count)
        }
        guard let count = state.1 else { throw ControlRefusal("no application \(name)") }
        let new = try builder.password(declared, application: name, number: count, at: state.0)
        let (record, password) = try await standIn.change { world in
            guard let record = world.application(named: name) else {
                throw ControlRefusal("no application \(name)")
            }
            let password = new.record(addedAt: world.clock.real)
            world.applications[record.appID]?.passwords.append(password)
            return (record, password)
        }
        let change = GraphAPI.change("passwordAdded", record, password)
        try await standIn.note(api: "control", operation: "addPassword", change)
        let keyID = password.keyID
        return Answer(201, ["keyId": .string(keyID), "file": .text(new.file)])
    }

    private func removePassword(_ name: String, keyID: String) async throws -> Answer {
        let change = try await standIn.change { world in
            guard let record = world.application(named: name),
                let index = record.passwords.firstIndex(where: { $0.keyID == keyID })
            else { throw ControlRefusal("no such password of \(name)") }
            world.applications[record.appID]?.passwords[index].removedAt = world.clock.real
            return GraphAPI.change("passwordRemoved", record, record.passwords[index])
        }
        try await standIn.note(api: "control", operation: "removePassword", change)
        return Answer(204)
    }

    /// Answers when the new vault can be reached.
    private func addVault(_ call: Call) async throws -> Answer {
        let declared = try decode(Scenario.Vault.self, call)
        let builder = builder
        try await standIn.change { world in
            guard world.vaults[declared.name] == nil else {
                throw ControlRefusal("name: the vault exists")
            }
            world.vaults[declared.name] = try builder.vault(declared, in: world)
        }
        await standIn.perform(.startVault(declared.name))
        while await standIn.address(of: .keyVault(declared.name)).isEmpty {
            try await Task.sleep(for: ControlAPI.pollInterval)
        }
        let url = await standIn.address(of: .keyVault(declared.name))
        return Answer(201, ["url": .string(url)])
    }

    private func setSecret(_ call: Call) async throws -> Answer {
        var json = try body(call).members
        json["name"] = .string(call.path[3])
        let declared = try JSONDecoder().decode(
            Scenario.InitialSecret.self,
            from: Data(JSON.object(json).bytes)
        )
        let name = call.path[1]
        let builder = builder
        let version = try await standIn.change { world in
            guard var vault = world.vaults[name] else { throw ControlRefusal("no vault \(name)") }
            let version = try builder.version(declared, vault: name, in: world)
            vault.secrets[declared.name.lowercased(), default: SecretRecord(name: declared.name)]
                .versions.append(version)
            world.vaults[name] = vault
            return version
        }
        try await standIn.note(
            api: "control",
            operation: "setSecret",
            KeyVaultAPI.change("secretVersion", SecretRecord(name: declared.name), version),
            vault: name
        )
        let event = VaultEvent(
            .secretNewVersionCreated,
            vault: name,
            declared.name,
            version
        )
        await standIn.perform(.publish(event, to: nil))
        return Answer(
            200,
            ["version": .string(version.id), "digest": .string(version.digest)]
        )
    }

    private func setWorker(_ call: Call) async throws -> Answer {
        let seconds = try body(call)["lastSeenSecondsAgo"]?.double ?? 0
        let (group, name) = (call.path[1], call.path[2])
        return await standIn.change { world in
            let seen = world.now.addingTimeInterval(-seconds)
            let worker = WorkerRecord(
                name: name,
                id: StableID.uuid("worker/\(group)/\(name)"),
                lastSeen: seen
            )
            let groups = world.automation.workerGroups
            let index = groups.firstIndex { $0.name == group } ?? groups.endIndex
            if index == groups.endIndex {
                world.automation.workerGroups.append(
                    WorkerGroupRecord(name: group, created: world.now)
                )
            }
            world.automation.workerGroups[index].workers.removeAll { $0.name == name }
            world.automation.workerGroups[index].workers.append(worker)
            return Answer(200, ["id": .string(worker.id)])
        }
    }
}
