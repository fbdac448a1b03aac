/// The metrics of Rekey, by the names under which Prometheus knows them.
///
/// No secret's name is a label: their number has no bound.
package enum MetricName: String, Sendable, CaseIterable {
    /// Rotations that ended, by `outcome`.
    case rotations = "rekey_rotations_total"
    case rotationsInFlight = "rekey_rotations_in_flight"
    /// How long a step took, by `step`.
    case stepSeconds = "rekey_step_seconds"
    /// Attempts that failed, by `step` and `kind`.
    case stepFailures = "rekey_step_failures_total"
    /// How long a target accepted neither old nor new.
    case gapSeconds = "rekey_gap_seconds"
    case overdue = "rekey_secrets_overdue"
    case stuck = "rekey_rotations_stuck"
    case debts = "rekey_debts_open"
    /// Hooks that ended, by `kind` and `outcome`.
    case hooks = "rekey_hooks_total"
    case outboxOldestSeconds = "rekey_outbox_oldest_seconds"
    case outboxRows = "rekey_outbox_rows"
    case inboxRows = "rekey_inbox_rows"
    case journalCommitSeconds = "rekey_journal_commit_seconds"
    /// Events taken from queues, by `queue`.
    case deliveries = "rekey_deliveries_total"
    /// Events parked, by `queue`.
    case parked = "rekey_events_parked_total"
    case brokerConnected = "rekey_broker_connected"
    /// Requests to Azure's hosts, by `host` and `status`; `none` where no answer came.
    case requests = "rekey_azure_requests_total"
    case lastSweep = "rekey_last_sweep_timestamp_seconds"
    /// Series that were not kept, since there were too many.
    case droppedSeries = "rekey_metrics_dropped_series_total"

    /// What it says, for Prometheus' HELP.
    var help: String {
        switch self {
        case .rotations: "Rotations that ended, by outcome."
        case .rotationsInFlight: "Rotations that have begun and not ended."
        case .stepSeconds: "How long a step took."
        case .stepFailures: "Attempts at a step that failed, by kind of failure."
        case .gapSeconds: "How long a target accepted neither old nor new."
        case .overdue: "Secrets that should have been rotated by now."
        case .stuck: "Rotations that wait for a person, or fail on and on."
        case .debts: "Credentials that still work and must be revoked."
        case .hooks: "Hooks that ended, by outcome."
        case .outboxOldestSeconds: "Age of the oldest event that the broker has not confirmed."
        case .outboxRows: "Events that the broker has not confirmed."
        case .inboxRows: "Events that were taken and not handled yet."
        case .journalCommitSeconds: "How long a commit of the journal took."
        case .deliveries: "Events taken from queues."
        case .parked: "Events parked, by queue."
        case .brokerConnected: "1 while events can be taken and published."
        case .requests: "Requests to Azure's hosts, by status."
        case .lastSweep: "When the sweeper last went through, in seconds since 1970."
        case .droppedSeries: "Series that were not kept, since there were too many."
        }
    }
}
