/// What is wrong with the configuration file, and where.
///
/// It names the place and the expectation, and never quotes the file: a line may hold a secret
/// that should not have been there.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int
    /// Such as `.secrets[2].policy.grace`; empty for the whole file.
    package let path: String
    package let problem: String

    package var description: String {
        "\(file):\(line):\(column): \(path.isEmpty ? "" : path + ": ")\(problem)"
    }
}

/// Everything that is wrong with the configuration file, in the file's order.
package struct ConfigurationErrors: Error, Equatable, Sendable, CustomStringConvertible {
    package let errors: [ConfigurationError]

    package var description: String { errors.map(\.description).joined(separator: "\n") }
}
