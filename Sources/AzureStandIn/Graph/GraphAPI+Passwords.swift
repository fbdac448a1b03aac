import Foundation

/// Adding and removing passwords; neither is atomic with the reads that follow.
extension GraphAPI {
    static let defaultLifetimeYears = 2

    static func addPassword(
        to record: ApplicationRecord,
        _ call: Call,
        in world: inout World
    ) throws(GraphError) -> Answer {
        if !call.body.isEmpty, call.json == nil {
            throw .badRequest("Unable to read JSON request payload.")
        }
        if let limit = record.passwordLimit, record.livePasswords.count >= limit {
            throw .tooManyPasswords
        }
        let wanted = call.json?["passwordCredential"]
        let start = try time(wanted?["startDateTime"], "startDateTime") ?? world.now
        let calendar = Calendar(identifier: .gregorian)
        let end =
            try time(wanted?["endDateTime"], "endDateTime")
            ?? calendar.date(byAdding: .year, value: defaultLifetimeYears, to: start) ?? start
        guard end > start else {
            throw .badRequest("Key credential end date is invalid: it is before the start.")
        }
        let password = PasswordRecord(
            keyID: UUID().uuidString.lowercased(),
            displayName: wanted?["displayName"]?.string,
            start: start,
            end: end,
            value: newValue(),
            addedAt: world.clock.real
        )
        world.applications[record.appID]?.passwords.append(password)
        var members = credential(password, secret: password.value).members
        members["@odata.context"] = context("microsoft.graph.passwordCredential", world)
        return Answer(200, .object(members), headers: ["location": world.endpoints.graph])
            .changing(change("passwordAdded", record, password))
    }

    static func removePassword(
        from record: ApplicationRecord,
        _ call: Call,
        in world: inout World
    ) throws(GraphError) -> Answer {
        guard let keyID = call.json?["keyId"]?.string else {
            throw .badRequest("The parameter keyId is missing.")
        }
        let index = record.passwords.firstIndex {
            $0.keyID == keyID.lowercased() && $0.removedAt == nil
        }
        guard let index else {
            throw .badRequest("No password credential found with keyId \(keyID)")
        }
        world.applications[record.appID]?.passwords[index].removedAt = world.clock.real
        return Answer(204).changing(change("passwordRemoved", record, record.passwords[index]))
    }

    private static func time(_ json: JSON?, _ name: String) throws(GraphError) -> Date? {
        guard let json, !json.isNull else { return nil }
        guard let text = json.string, let date = TimeText.parse(text) else {
            throw .badRequest("Cannot convert the value of \(name) to Edm.DateTimeOffset.")
        }
        return date
    }

    /// Forty characters, as Entra's secrets are: the client cannot choose them.
    static func newValue() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
        var generator = SystemRandomNumberGenerator()
        return String((0..<40).compactMap { _ in alphabet.randomElement(using: &generator) })
    }

    static func change(
        _ kind: String,
        _ record: ApplicationRecord,
        _ password: PasswordRecord
    ) -> JSON {
        [
            "kind": .string(kind), "application": .string(record.name),
            "appId": .string(record.appID), "keyId": .string(password.keyID),
            "displayName": .text(password.displayName), "digest": .string(password.digest),
            "endDateTime": .string(TimeText.seconds(password.end)),
        ]
    }
}
