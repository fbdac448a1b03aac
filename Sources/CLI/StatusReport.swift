import Foundation
import RekeyCore
import RekeyPorts

/// What is in flight, due, stuck and owed, for people and for programs.
struct StatusReport: Encodable, Equatable {
    struct Row: Encodable, Equatable {
        var secret: String
        var strategy: String
        var state: String
        var step: String?
        var rotation: String?
        var due: Date?
        var expires: Date?
        var lastRotated: Date?
        /// `upToDate`, `due`, `overdue` or `expired`, where an end is known.
        var nearness: String?
        /// Why a person has to decide, where one has to.
        var stuck: String?
        /// The digest to approve, where a person was asked.
        var plan: String?
        /// When a compromised credential dies, and whom it cut off once it has.
        var revokeBy: Date?
        var cutOff: [String]?
    }

    var secrets: [Row] = []
    var debts: [Debt]
    var waitingInbox: Int
    var unsentOutbox: Int

    init(
        _ reader: any JournalReader,
        _ definitions: [CredentialDefinition],
        at now: Date
    ) async throws {
        debts = try await reader.debts(unpaidOnly: true)
        let counts = try await reader.counts()
        waitingInbox = counts.waitingInbox
        unsentOutbox = counts.unsentOutbox
        let open = try await reader.rotations(RotationQuery(openOnly: true, limit: 10_000))
        for definition in definitions {
            let record = try await reader.credential(definition.id)
            let rotation = open.first { $0.plan.credential == definition.id }
            secrets.append(Self.row(definition, record, rotation, now))
        }
        // Taken out of the configuration, or renamed, in the midst of it.
        let configured = Set(definitions.map(\.id))
        for rotation in open where !configured.contains(rotation.plan.credential) {
            secrets.append(Self.row(rotation))
        }
    }

    /// What nobody configures any more.
    private static func row(_ rotation: Rotation) -> Row {
        var row = Row(
            secret: rotation.plan.credential.text,
            strategy: rotation.plan.strategy.rawValue,
            state: "not configured, \(state(nil, rotation))",
            step: rotation.step.rawValue,
            rotation: rotation.id.text
        )
        row.stuck = rotation.heldReason
        return row
    }

    private static func row(
        _ definition: CredentialDefinition,
        _ record: CredentialRecord?,
        _ rotation: Rotation?,
        _ now: Date
    ) -> Row {
        var row = Row(
            secret: definition.id.text,
            strategy: definition.strategy.rawValue,
            state: state(record, rotation),
            step: rotation?.step.rawValue,
            rotation: rotation?.id.text,
            due: record?.dueAt,
            expires: record?.expiresAt,
            lastRotated: record?.lastRotatedAt
        )
        row.nearness = record?.expiresAt.map {
            let threshold = definition.policy.thresholdSeconds
            return DueState(ends: [$0], thresholdSeconds: threshold, at: now).rawValue
        }
        row.stuck = rotation?.heldReason
        if let rotation, rotation.awaitsApproval { row.plan = rotation.planDigest }
        row.revokeBy = rotation?.revocation?.dueAt
        if rotation?.isPastRevokeBy == true { row.cutOff = rotation?.revocation?.cutOff }
        return row
    }

    private static func state(_ record: CredentialRecord?, _ rotation: Rotation?) -> String {
        guard let rotation else {
            guard let record else { return "unknown" }
            return record.isPaused ? "paused" : "at rest"
        }
        if let reason = rotation.heldReason { return "stuck: \(reason)" }
        if rotation.awaitsApproval { return "awaits approval" }
        if let reason = rotation.troubledReason { return "failing: \(reason)" }
        return rotation.isGoingBack ? "going back" : "rotating"
    }

    func show() {
        var rows = [["SECRET", "STRATEGY", "STATE", "STEP", "DUE", "ROTATION"]]
        for row in secrets {
            rows.append([
                row.secret, row.strategy, row.state, row.step ?? "-",
                row.due.map(Timestamp.text) ?? "-", row.rotation ?? "-",
            ])
        }
        Console.table(rows)
        for row in secrets where ["overdue", "expired"].contains(row.nearness) {
            Console.line("\(row.nearness ?? ""): \(row.secret) ends \(Self.text(row.expires))")
        }
        for row in secrets where row.revokeBy != nil {
            Console.line("revoke by \(Self.text(row.revokeBy)): the old one of \(row.secret)")
            for name in row.cutOff ?? [] { Console.line("cut off: \(name)") }
        }
        for debt in debts {
            let since = Timestamp.text(debt.since)
            Console.line("owed: \(debt.account) of \(debt.credential), accepted since \(since)")
        }
        if waitingInbox + unsentOutbox > 0 {
            Console.line("inbox \(waitingInbox) waiting, outbox \(unsentOutbox) unsent")
        }
    }

    private static func text(_ date: Date?) -> String { date.map(Timestamp.text) ?? "-" }
}
