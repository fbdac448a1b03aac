/// What every target accepts and every vault holds, as digests: the observer's view.
enum Accepted {
    static func json(_ world: World) -> JSON {
        let applications = world.applications.values.map { record in
            (record.name, application(record, in: world))
        }
        let vaults = world.vaults.mapValues { vault in
            JSON.object(
                Dictionary(
                    uniqueKeysWithValues: vault.secrets.values.map { ($0.name, secret($0)) }
                )
            )
        }
        return [
            "time": .string(TimeText.milliseconds(world.now)),
            "applications": .object(Dictionary(uniqueKeysWithValues: applications)),
            "vaults": .object(vaults),
        ]
    }

    private static func application(_ record: ApplicationRecord, in world: World) -> JSON {
        let passwords = record.livePasswords.map { password -> JSON in
            [
                "keyId": .string(password.keyID), "displayName": .text(password.displayName),
                "hint": .string(password.hint), "digest": .string(password.digest),
                "start": .string(TimeText.seconds(password.start)),
                "end": .string(TimeText.seconds(password.end)),
                "accepted": .bool(
                    record.isAccountEnabled
                        && password.isAccepted(
                            now: world.now,
                            real: world.clock.real,
                            lagSeconds: world.settings.passwordLagSeconds
                        )
                ),
            ]
        }
        return [
            "appId": .string(record.appID), "objectId": .string(record.objectID),
            "accountEnabled": .bool(record.isAccountEnabled),
            "passwords": .array(passwords),
            "certificates": .array(record.certificates.map { .string($0.thumbprint) }),
        ]
    }

    private static func secret(_ record: SecretRecord) -> JSON {
        let versions = record.versions.map { version -> JSON in
            [
                "version": .string(version.id), "digest": .string(version.digest),
                "enabled": .bool(version.isEnabled), "created": .integer(version.created),
                "exp": version.expires.map(JSON.integer) ?? .null,
                "tags": .object((version.tags ?? [:]).mapValues(JSON.string)),
            ]
        }
        var isDeleted = false
        if case .deleted = record.phase { isDeleted = true }
        return [
            "latest": .text(record.latest?.id), "digest": .text(record.latest?.digest),
            "deleted": .bool(isDeleted), "versions": .array(versions),
        ]
    }

    /// Every job, with digests of the parameters that it received.
    static func jobs(_ world: World) -> JSON {
        let jobs = world.automation.jobs.values.sorted { $0.created < $1.created }
        return [
            "jobs": .array(
                jobs.map { job in
                    [
                        "name": .string(job.name), "runbook": .string(job.runbook),
                        "runOn": .text(job.runOn), "status": .string(job.status.rawValue),
                        "exitCode": job.exitCode.map(JSON.integer) ?? .null,
                        "parameters": job.parameterDigests,
                        "submissions": .integer(job.submissions),
                    ]
                }
            )
        ]
    }
}
