import Foundation

/// Makes the initial state from a scenario, with its certificates and generated values on disk.
struct WorldBuilder: Sendable {
    static let defaultLifetimeDays = 730.0
    static let defaultFederatedAudience = "api://AzureADTokenExchange"

    let directory: String
    let certificates: TestCertificates

    func world(_ scenario: Scenario, at time: Date) async throws -> World {
        let automation = scenario.automation ?? Scenario.Automation()
        var world = World(
            tenant: scenario.tenant ?? StableID.uuid("tenant"),
            subscription: scenario.subscription ?? StableID.uuid("subscription"),
            resourceGroup: scenario.resourceGroup ?? "rekey",
            automation: AutomationAccount(name: automation.account ?? "automation")
        )
        world.settings = scenario.settings ?? Settings()
        for declared in scenario.applications ?? [] {
            let record = try await application(declared, at: time)
            guard world.applications[record.appID] == nil else {
                throw ControlRefusal("applications.\(declared.name): declared twice")
            }
            world.applications[record.appID] = record
        }
        for declared in scenario.vaults ?? [] {
            world.vaults[declared.name] = try vault(declared, in: world)
        }
        for declared in automation.runbooks ?? [] {
            let record = try runbook(declared, at: time)
            world.automation.runbooks[record.name.lowercased()] = record
        }
        world.automation.workerGroups = (automation.workerGroups ?? []).map {
            workerGroup($0, at: time)
        }
        for declared in scenario.subscriptions ?? [] {
            world.subscriptions.append(try subscription(declared))
        }
        world.identityApplication = scenario.identity
        world.identityHeader = UUID().uuidString
        return world
    }

    func vault(_ declared: Scenario.Vault, in world: World) throws -> VaultState {
        let place = "vaults.\(declared.name)"
        guard declared.name.wholeMatch(of: /[0-9a-zA-Z-]{1,24}/) != nil else {
            throw ControlRefusal("\(place): expected letters, digits and hyphens")
        }
        var state = VaultState(name: declared.name)
        state.isSoftDelete = declared.softDelete ?? true
        state.isPurgeProtected = declared.purgeProtection ?? false
        state.retentionDays = declared.retentionDays ?? 90
        guard (7...90).contains(state.retentionDays) else {
            throw ControlRefusal("\(place).retentionDays: expected 7 to 90")
        }
        for (name, permissions) in declared.permissions ?? [:] {
            guard world.application(named: name) != nil else {
                throw ControlRefusal("\(place).permissions: no application \(name)")
            }
            state.permissions[name] = Set(permissions)
        }
        for secret in declared.secrets ?? [] {
            let version = try version(secret, vault: state.name, in: world)
            state.secrets[secret.name.lowercased(), default: SecretRecord(name: secret.name)]
                .versions.append(version)
        }
        return state
    }

    /// A version of an initial secret; a generated value is written under `private/secrets`.
    func version(
        _ declared: Scenario.InitialSecret,
        vault: String,
        in world: World
    ) throws -> SecretVersion {
        let place = "vaults.\(vault).secrets.\(declared.name)"
        do throws(KeyVaultError) {
            try SecretParameters.checkName(declared.name)
        } catch {
            throw ControlRefusal("\(place): expected letters, digits and hyphens")
        }
        var value: String
        if let name = declared.valueFrom?.wholeMatch(of: /application:(.+)/)?.1 {
            let record = world.application(named: String(name))
            guard let password = record?.livePasswords.first else {
                throw ControlRefusal("\(place): no application \(name) with a password")
            }
            value = password.value
        } else {
            let source = try ValueSource.value(declared.valueFrom, place: place)
            value = source.value
            if source.isNew {
                try ValueSource.write(
                    value,
                    to: "\(directory)/private/secrets/\(vault)-\(declared.name)"
                )
            }
        }
        value = declared.template?.replacing("{value}", with: value) ?? value
        let time = Int(world.now.timeIntervalSince1970)
        return SecretVersion(
            id: VaultState.newVersionID(),
            value: value,
            contentType: declared.contentType,
            tags: declared.tags,
            isEnabled: declared.enabled ?? true,
            expires: declared.expiresInSeconds.map { time + Int($0) },
            created: time,
            updated: time
        )
    }

    func runbook(_ declared: Scenario.Runbook, at time: Date) throws -> RunbookRecord {
        let place = "automation.runbooks.\(declared.name)"
        let state = declared.state ?? "Published"
        guard ["Published", "New", "Edit"].contains(state) else {
            throw ControlRefusal("\(place).state: expected Published, New or Edit")
        }
        var script = declared.script ?? ""
        if let inline = declared.inline {
            guard inline.hasPrefix("#!") else {
                throw ControlRefusal("\(place).inline: expected a script that begins with #!")
            }
            script = "\(directory)/runbooks/\(declared.name)"
            try ValueSource.write(inline, to: script)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o700],
                ofItemAtPath: script
            )
        }
        guard FileManager.default.isExecutableFile(atPath: script) else {
            throw ControlRefusal("\(place): expected script, an executable file, or inline")
        }
        let parameters = (declared.parameters ?? [:]).mapValues {
            ParameterRecord(
                type: $0.type ?? "System.String",
                isMandatory: $0.isMandatory ?? false,
                position: $0.position ?? 0,
                defaultValue: $0.defaultValue
            )
        }
        return RunbookRecord(
            name: declared.name,
            state: state,
            type: declared.runbookType ?? "PowerShell",
            parameters: parameters,
            script: URL(fileURLWithPath: script).path,
            created: time
        )
    }

    func workerGroup(_ declared: Scenario.WorkerGroup, at time: Date) -> WorkerGroupRecord {
        let workers = (declared.workers ?? []).map { worker in
            WorkerRecord(
                name: worker.name,
                id: StableID.uuid("worker/\(declared.name)/\(worker.name)"),
                lastSeen: time.addingTimeInterval(-(worker.lastSeenSecondsAgo ?? 0))
            )
        }
        return WorkerGroupRecord(name: declared.name, workers: workers, created: time)
    }

    func subscription(_ declared: Scenario.Subscription) throws -> EventSubscription {
        let place = "subscriptions.\(declared.name)"
        guard let schema = EventSubscription.Schema(rawValue: declared.schema ?? "eventgrid")
        else { throw ControlRefusal("\(place).schema: expected eventgrid or cloudevents") }
        guard declared.url.hasPrefix("https://") else {
            throw ControlRefusal("\(place).url: expected an https address")
        }
        let names = declared.eventTypes ?? VaultEvent.Kind.allCases.map(\.rawValue)
        let kinds = try names.map { name in
            guard let kind = VaultEvent.Kind(name: name) else {
                throw ControlRefusal("\(place).eventTypes: no event type \(name)")
            }
            return kind
        }
        var headers: [String: String] = [:]
        for (name, source) in declared.headers ?? [:] {
            guard source != "generate" else {
                throw ControlRefusal("\(place).headers: expected env:NAME or file:PATH")
            }
            headers[name] = try ValueSource.value(source, place: "\(place).headers").value
        }
        return EventSubscription(
            name: declared.name,
            vaults: declared.vaults ?? ["app"],
            schema: schema,
            url: declared.url,
            kinds: Set(kinds),
            headers: headers,
            audience: declared.entra?.audience,
            application: declared.entra?.application,
            trustFile: declared.ca ?? certificates.authorityFile
        )
    }
}
