/// The body of a set or an update, checked against Key Vault's limits.
struct SecretParameters {
    static let valueByteLimit = 25 * 1024
    static let contentTypeLimit = 255
    static let tagLimit = 15
    static let tagTextLimit = 512
    static let nameLimit = 127

    var value: String?
    var contentType: String?
    var tags: [String: String]?
    var isEnabled: Bool?
    var notBefore: Int?
    var expires: Int?

    init(_ json: JSON?) throws(KeyVaultError) {
        guard let json, case .object = json else {
            throw .badParameter("Property has invalid value: the body is not a JSON object")
        }
        value = json["value"]?.string
        contentType = json["contentType"]?.string
        tags = try SecretParameters.tags(json["tags"])
        let attributes = json["attributes"]
        isEnabled = attributes?["enabled"]?.bool
        notBefore = try SecretParameters.time(attributes?["nbf"], "nbf")
        expires = try SecretParameters.time(attributes?["exp"], "exp")
        guard (value?.utf8.count ?? 0) <= SecretParameters.valueByteLimit else {
            throw .badParameter("Secret value is longer than 25 KB")
        }
        guard (contentType?.count ?? 0) <= SecretParameters.contentTypeLimit else {
            throw .badParameter("contentType is longer than 255 characters")
        }
    }

    private static func tags(_ json: JSON?) throws(KeyVaultError) -> [String: String]? {
        guard let json, !json.isNull else { return nil }
        guard case .object(let members) = json, members.count <= tagLimit else {
            throw .badParameter("Too many tags: at most 15 are allowed")
        }
        var tags: [String: String] = [:]
        for (name, value) in members {
            guard let text = value.string, name.count <= tagTextLimit, text.count <= tagTextLimit
            else { throw .badParameter("A tag is not text or is longer than 512 characters") }
            tags[name] = text
        }
        return tags
    }

    /// Whole seconds since 1970; Key Vault takes no other form.
    private static func time(_ json: JSON?, _ name: String) throws(KeyVaultError) -> Int? {
        guard let json, !json.isNull else { return nil }
        guard case .integer(let seconds) = json else {
            throw .badParameter("attributes.\(name) is not a whole number of seconds")
        }
        return seconds
    }

    /// Letters, digits and hyphens only.
    static func checkName(_ name: String) throws(KeyVaultError) {
        guard name.wholeMatch(of: /[0-9a-zA-Z-]+/) != nil, name.count <= nameLimit else {
            throw .badParameter("The request URI contains an invalid name: \(name)")
        }
    }
}
