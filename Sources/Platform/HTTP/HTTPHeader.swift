package import RekeyCore

/// One field of a request, whose value is never printed.
package struct HTTPHeader: Sendable {
    package let name: String
    let prefix: String
    let secret: Secret?

    package init(name: String, value: String) {
        self.name = name
        prefix = value
        secret = nil
    }

    /// A field whose value is `prefix` and then the secret's bytes, as in `Bearer ` and a token.
    package init(name: String, secret: Secret, prefix: String = "") {
        self.name = name
        self.prefix = prefix
        self.secret = secret
    }
}

extension HTTPHeader: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(name): <redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
