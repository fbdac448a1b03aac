/// A name that is a type: two kinds of name cannot be mixed up.
package protocol Identifier: Hashable, Sendable, Codable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    var text: String { get }
    init(_ text: String)
}

extension Identifier {
    package init(stringLiteral text: String) { self.init(text) }
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
    package var description: String { text }
    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// One saga, as a UUID in lower case.
package struct RotationID: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// One account on one target, by its name in the configuration: what rotates.
package struct CredentialID: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// Which Rekey wrote something; every natural key and tag is namespaced by it.
package struct InstallationID: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// A vault, by its name in the configuration.
package struct VaultName: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// A secret's name within a vault.
package struct SecretName: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// One version of a secret, by the vault's own id.
package struct VersionID: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// A target, by its name in the configuration.
package struct TargetName: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// A workload, by its name in the configuration.
package struct WorkloadName: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// A hook, by its name in the configuration.
package struct HookName: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// What a target calls one of the credentials it accepts: a role, a key id, a key's slot.
package struct AccountID: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// An event's id, unique within its source.
package struct EventID: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}

/// Names one deed once and for all: `<rotation>/<step>/<purpose>/<attempt>`.
///
/// An outside system keeps it beside what the deed made (a tag, a display name, a job's name), so
/// that a look tells whether the deed was done.
package struct NaturalKey: Identifier {
    package let text: String
    package init(_ text: String) { self.text = text }
}
