package import RekeyCore

/// What one worker is, and its limits.
///
/// Times are in seconds.
package struct WorkerSettings: Sendable {
    package var installation: InstallationID
    /// The worker's own name, unique among the workers of one journal.
    package var holder: String
    /// The CloudEvents `source` of everything it emits.
    package var source: String
    /// How many rotations are worked on at once.
    package var turnsAtOnce: Int
    /// How many deliveries are put into the inbox with one commit.
    package var intakeBatch: Int
    /// How many outbox rows are published at once.
    package var relayBatch: Int
    /// How long a claim lasts; it is renewed before a call that would not fit into it.
    package var claimSeconds: Double
    /// How often the sweeper looks for what is due and for what nobody wakes.
    package var sweepSeconds: Double
    /// How long ids keep duplicates out: an event of an earlier time is not taken.
    package var rememberSeconds: Double
    /// How long the relay waits after a publication was refused or got lost.
    package var relayPauseSeconds: Double
    /// How many adopted credentials that were already due are released by one sweep.
    package var releasedPerSweep: Int
    /// The broker's user as which the worker publishes: its copies of an event are believed.
    package var brokerUser: String?
    /// Who may ask for what.
    package var access: AccessPolicy

    package init(
        installation: InstallationID,
        holder: String,
        source: String = "rekey",
        turnsAtOnce: Int = 256,
        intakeBatch: Int = 256,
        relayBatch: Int = 256,
        claimSeconds: Double = 120,
        sweepSeconds: Double = 60,
        rememberSeconds: Double = 90 * 86_400,
        relayPauseSeconds: Double = 1,
        releasedPerSweep: Int = 5,
        brokerUser: String? = nil,
        access: AccessPolicy = .requestsOnly
    ) {
        self.installation = installation
        self.holder = holder
        self.source = source
        self.turnsAtOnce = turnsAtOnce
        self.intakeBatch = intakeBatch
        self.relayBatch = relayBatch
        self.claimSeconds = claimSeconds
        self.sweepSeconds = sweepSeconds
        self.rememberSeconds = rememberSeconds
        self.relayPauseSeconds = relayPauseSeconds
        self.releasedPerSweep = releasedPerSweep
        self.brokerUser = brokerUser
        self.access = access
    }
}
