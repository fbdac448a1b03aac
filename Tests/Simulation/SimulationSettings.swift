/// What a simulation is made of: equal settings do equal things, byte for byte.
package struct SimulationSettings: Sendable {
    package var seed: UInt64
    package var years: Double
    package var secrets: Int
    /// Which part of the near-expiry events gets lost, from 0 to 1.
    package var loss: Double
    /// Whether systems fail, workers die and people err.
    package var isCalm: Bool
    package var mistake: SimulationMistake?
    /// Where the whole trace is written.
    package var tracePath: String?

    package init(
        seed: UInt64 = 1,
        years: Double = 10,
        secrets: Int = 1_000,
        loss: Double = 0,
        isCalm: Bool = false,
        mistake: SimulationMistake? = nil,
        tracePath: String? = nil
    ) {
        self.seed = seed
        self.years = years
        self.secrets = secrets
        self.loss = loss
        self.isCalm = isCalm
        self.mistake = mistake
        self.tracePath = tracePath
    }

    var endSeconds: Double { years * 365.25 * Day.seconds }
}

/// A mistake that the simulated installation makes, to see that the simulation finds it.
package enum SimulationMistake: String, Sendable, CaseIterable {
    /// No sweeper, while every event gets lost.
    case noSweeper
    /// The vault's ends are read as later than they are, so that due dates come too late.
    case lateDueDate
    /// Adopted credentials that are due already are all released at once.
    case uncappedWaves
    /// A near-expiry event is taken for a wish, whatever version it names.
    case everyEventRotates
    /// Each worker that starts asks for all rotations.
    case rotatesAtStart
    /// A call that fails is made again at once, a hundred times.
    case hammers
    /// A workload counts as reloaded whatever it shows.
    case believesWorkloads

    /// Where it has to show: the quickest course.
    package var settings: SimulationSettings {
        var settings = SimulationSettings(years: 0.5, secrets: 20, mistake: self)
        switch self {
        case .noSweeper:
            settings.loss = 1
            settings.isCalm = true
        case .uncappedWaves:
            settings.years = 0.1
            settings.secrets = 60
        case .lateDueDate, .everyEventRotates, .rotatesAtStart: break
        case .hammers, .believesWorkloads: settings.years = 1
        }
        return settings
    }
}

/// The length of a day.
enum Day {
    static let seconds = 86_400.0
}
