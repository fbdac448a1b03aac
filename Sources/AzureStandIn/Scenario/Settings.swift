/// The stand-in's lags and periods, in seconds; each can be changed at run time.
struct Settings: Codable, Equatable, Sendable {
    /// Entra answers 3,599.
    var tokenSeconds = 3599.0
    /// How long the token endpoint refuses a new password.
    var passwordLagSeconds = 0.0
    /// How long Graph's reads show the state before a change.
    var graphLagSeconds = 0.0
    /// How long after the lag Graph's reads show old and new in turn.
    var graphFlapSeconds = 0.0
    /// How long a deleted secret is not yet among the deleted ones.
    var deleteLagSeconds = 1.0
    /// How long a recovered secret is not yet readable.
    var recoverLagSeconds = 1.0
    /// How long after that a write answers ObjectIsBeingRecovered.
    var conflictAfterRecoverSeconds = 0.0
    /// Event Grid's threshold is 30 days.
    var nearExpirySeconds = 2_592_000.0
    /// Event Grid's waits between attempts are multiplied by this.
    var eventTimeScale = 0.01
    /// How long a job stays Activating.
    var jobStartSeconds = 0.2
    /// A hybrid worker that was silent for longer takes no jobs.
    var workerSilenceSeconds = 600.0

    /// Writes that one vault takes in ten seconds before it answers 429; zero for any number.
    var vaultWritesPerTenSeconds = 0.0

    init() {}

    init(from decoder: any Decoder) throws {
        self.init()
        let members = try decoder.singleValueContainer().decode([String: Double].self)
        try apply(members)
    }

    /// Changes the named settings; refuses names and values that it does not know.
    mutating func apply(_ members: [String: Double]) throws(ControlRefusal) {
        for (name, value) in members {
            guard let path = Settings.paths[name] else {
                throw ControlRefusal("settings.\(name): no such setting")
            }
            guard value >= 0 else {
                throw ControlRefusal("settings.\(name): expected zero or more")
            }
            self[keyPath: path] = value
        }
    }

    var json: JSON {
        .object(Settings.paths.mapValues { .number(self[keyPath: $0]) })
    }

    private static var paths: [String: WritableKeyPath<Settings, Double>] {
        [
            "tokenSeconds": \.tokenSeconds,
            "passwordLagSeconds": \.passwordLagSeconds,
            "graphLagSeconds": \.graphLagSeconds,
            "graphFlapSeconds": \.graphFlapSeconds,
            "deleteLagSeconds": \.deleteLagSeconds,
            "recoverLagSeconds": \.recoverLagSeconds,
            "conflictAfterRecoverSeconds": \.conflictAfterRecoverSeconds,
            "nearExpirySeconds": \.nearExpirySeconds,
            "eventTimeScale": \.eventTimeScale,
            "jobStartSeconds": \.jobStartSeconds,
            "workerSilenceSeconds": \.workerSilenceSeconds,
            "vaultWritesPerTenSeconds": \.vaultWritesPerTenSeconds,
        ]
    }
}
