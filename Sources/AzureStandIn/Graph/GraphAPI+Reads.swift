import Foundation

/// Reads, which lag behind writes and may show old and new in turn.
extension GraphAPI {
    static func list(_ call: Call, in world: inout World) throws(GraphError) -> Answer {
        var found = world.applications.values.sorted { $0.name < $1.name }
        if let filter = call.query["$filter"] {
            guard let match = filter.wholeMatch(of: /(appId|displayName) eq '([^']*)'/) else {
                throw GraphError(
                    status: 400,
                    code: "Request_UnsupportedQuery",
                    message: "Unsupported or invalid query filter clause specified."
                )
            }
            found.removeAll { record in
                (match.1 == "appId" ? record.appID : record.displayName) != match.2
            }
        }
        let values = found.map { select(call, application($0, in: &world)) }
        return Answer(
            200,
            ["@odata.context": context("applications", world), "value": .array(values)]
        )
    }

    static func get(_ record: ApplicationRecord, _ call: Call, in world: inout World) -> Answer {
        var members = select(call, application(record, in: &world)).members
        members["@odata.context"] = context("applications/$entity", world)
        return Answer(200, .object(members))
    }

    static func owners(of record: ApplicationRecord, in world: World) -> Answer {
        let values = record.owners.compactMap { world.application(named: $0) }
            .map { owner -> JSON in
                [
                    "@odata.type": "#microsoft.graph.servicePrincipal",
                    "id": .string(owner.servicePrincipalID), "appId": .string(owner.appID),
                    "displayName": .string(owner.displayName),
                ]
            }
        return Answer(
            200,
            ["@odata.context": context("directoryObjects", world), "value": .array(values)]
        )
    }

    /// An application as Graph shows it now; counts the read.
    private static func application(
        _ record: ApplicationRecord,
        in world: inout World
    ) -> JSON {
        world.applications[record.appID]?.reads += 1
        let passwords = visiblePasswords(of: record, in: world)
        let keys = record.certificates.map { certificate -> JSON in
            [
                "keyId": .string(certificate.keyID), "type": "AsymmetricX509Cert",
                "usage": "Verify", "key": nil, "displayName": nil,
                "customKeyIdentifier": .string(certificate.thumbprint.uppercased()),
            ]
        }
        return [
            "id": .string(record.objectID), "appId": .string(record.appID),
            "deletedDateTime": nil, "displayName": .string(record.displayName),
            "createdDateTime": .string(TimeText.seconds(record.createdAt)),
            "signInAudience": .string(record.signInAudience),
            "passwordCredentials": .array(passwords.map { credential($0, secret: nil) }),
            "keyCredentials": .array(keys),
        ]
    }

    /// What a read shows: additions and removals appear after the lag, and flap for a while.
    static func visiblePasswords(
        of record: ApplicationRecord,
        in world: World
    ) -> [PasswordRecord] {
        let real = world.clock.real
        func isSeen(_ time: Date) -> Bool {
            let settled = time.addingTimeInterval(world.settings.graphLagSeconds)
            guard real >= settled else { return false }
            let calm = settled.addingTimeInterval(world.settings.graphFlapSeconds)
            return real >= calm || record.reads.isMultiple(of: 2)
        }
        return record.passwords.filter { password in
            isSeen(password.addedAt) && !(password.removedAt.map(isSeen) ?? false)
        }
    }

    /// The secret is shown once, in the answer that adds it.
    static func credential(_ password: PasswordRecord, secret: String?) -> JSON {
        [
            "customKeyIdentifier": nil, "displayName": .text(password.displayName),
            "endDateTime": .string(TimeText.seconds(password.end)),
            "hint": .string(password.hint), "keyId": .string(password.keyID),
            "secretText": .text(secret),
            "startDateTime": .string(TimeText.seconds(password.start)),
        ]
    }

    static func context(_ what: String, _ world: World) -> JSON {
        .string("\(world.endpoints.graph)/v1.0/$metadata#\(what)")
    }

    private static func select(_ call: Call, _ entity: JSON) -> JSON {
        guard
            let names = call.query["$select"]?.split(separator: ",").map({
                $0.trimmingCharacters(in: .whitespaces)
            })
        else { return entity }
        return .object(entity.members.filter { names.contains($0.key) })
    }
}
