import Foundation
import RekeyAzure
import RekeyCore

/// An application as Microsoft Graph describes it.
struct GraphApplication: Decodable, Sendable {
    struct Password: Decodable, Sendable {
        let keyId: String
        let displayName: String?
        let hint: String?
        let startDateTime: String?
        let endDateTime: String?

        var account: AccountID { AccountID(keyId) }
        var expires: Date? { endDateTime.flatMap(GraphTime.date) }
        var start: Date? { startDateTime.flatMap(GraphTime.date) }
    }

    /// What a read asks for.
    static let fields =
        "id,appId,displayName,createdDateTime,signInAudience,passwordCredentials"

    /// An application that also serves personal accounts has room for two (azure.md §4).
    static let personalPasswordLimit = 2

    let id: String
    let appId: String
    let displayName: String?
    let createdDateTime: String?
    let signInAudience: String?
    let passwordCredentials: [Password]?

    var passwords: [Password] { passwordCredentials ?? [] }

    var passwordLimit: Int? {
        let isPersonal = signInAudience?.contains("Personal") == true
        return isPersonal ? Self.personalPasswordLimit : nil
    }
}

/// A password as `addPassword` answers, but for its value.
struct AddedPassword: Decodable, Sendable {
    let keyId: String
    let endDateTime: String?
}

/// The body of `addPassword`.
struct AddPassword: Encodable {
    struct Password: Encodable {
        let displayName: String
        let endDateTime: String
    }

    let passwordCredential: Password
}

/// The body of `removePassword`.
struct RemovePassword: Encodable {
    let keyId: String
}

/// An element of an application's owners.
struct GraphOwner: Decodable, Sendable {
    let id: String
    let kind: String?
    let displayName: String?

    private enum CodingKeys: String, CodingKey {
        case id, displayName
        case kind = "@odata.type"
    }
}

/// Graph's times: RFC 3339 in UTC, with up to seven digits after the seconds.
enum GraphTime {
    static func date(_ text: String) -> Date? {
        let whole = text.prefix { $0 != "." }
        let text = whole.hasSuffix("Z") ? String(whole) : "\(whole)Z"
        return try? Date(text, strategy: .iso8601)  // Another spelling is no known time.
    }

    static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}
