import RekeyCore

/// What is found while a file is read: its mistakes, and the keys that were looked for.
final class Findings {
    /// More would not be read by anybody.
    static let errorLimit = 100

    let file: String
    private(set) var errors: [ConfigurationError] = []
    private(set) var warnings: [ConfigurationError] = []
    /// Every key that was looked for, as a path with `*` for a name and `[]` for an index.
    private(set) var keys: Set<String> = []
    /// The vaults that the file names, however much is wrong with them.
    var vaults: Set<String> = []
    /// Where Rekey's own secrets come from, for the check that it does not rotate them away.
    private(set) var vaultSources: [SecretReference] = []

    init(file: String) { self.file = file }

    func add(_ problem: String, at place: Place) {
        guard errors.count < Self.errorLimit else { return }
        errors.append(error(problem, place))
    }

    func warn(_ problem: String, at place: Place) {
        guard warnings.count < Self.errorLimit else { return }
        warnings.append(error(problem, place))
    }

    func note(key: String) { keys.insert(key) }

    func note(source: SecretReference) { vaultSources.append(source) }

    var sorted: ConfigurationErrors {
        ConfigurationErrors(
            errors: errors.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        )
    }

    private func error(_ problem: String, _ place: Place) -> ConfigurationError {
        ConfigurationError(
            file: file,
            line: place.line,
            column: place.column,
            path: place.path,
            problem: problem
        )
    }
}
