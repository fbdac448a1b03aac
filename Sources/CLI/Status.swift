import ArgumentParser
import Foundation
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey status`: what is in flight, due, stuck, owed.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what is in flight, due, stuck and owed. It changes nothing."
    )

    @OptionGroup var configuration: ConfigurationOption
    @Flag(help: "One JSON document.")
    var json = false

    func run() async throws {
        let assembly = try Assembly(try configuration.load())
        let reader = try assembly.openReader(SystemClock())
        let report = try await Report(reader, assembly.settings.definitions)
        if json { try Console.json(report) } else { report.show() }
    }

    private struct Report: Encodable {
        struct Row: Encodable {
            var secret: String
            var strategy: String
            var state: String
            var step: String?
            var rotation: String?
            var due: Date?
            var expires: Date?
            var lastRotated: Date?
        }

        var secrets: [Row] = []
        var debts: [Debt]
        var waitingInbox: Int
        var unsentOutbox: Int

        init(_ reader: any JournalReader, _ definitions: [CredentialDefinition]) async throws {
            debts = try await reader.debts(unpaidOnly: true)
            let counts = try await reader.counts()
            waitingInbox = counts.waitingInbox
            unsentOutbox = counts.unsentOutbox
            let open = try await reader.rotations(RotationQuery(openOnly: true, limit: 10_000))
            for definition in definitions {
                let record = try await reader.credential(definition.id)
                let rotation = open.first { $0.plan.credential == definition.id }
                secrets.append(Self.row(definition, record, rotation))
            }
        }

        private static func row(
            _ definition: CredentialDefinition,
            _ record: CredentialRecord?,
            _ rotation: Rotation?
        ) -> Row {
            var state = record == nil ? "unknown" : "at rest"
            if record?.isPaused == true { state = "paused" }
            if let rotation { state = rotation.isGoingBack ? "going back" : "rotating" }
            if let reason = rotation?.stuckReason { state = "stuck: \(reason)" }
            return Row(
                secret: definition.id.text,
                strategy: definition.strategy.rawValue,
                state: state,
                step: rotation?.step.rawValue,
                rotation: rotation?.id.text,
                due: record?.dueAt,
                expires: record?.expiresAt,
                lastRotated: record?.lastRotatedAt
            )
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
            for debt in debts {
                Console.line("owed: \(debt.account) of \(debt.credential) is still accepted")
            }
            if waitingInbox + unsentOutbox > 0 {
                Console.line("inbox \(waitingInbox) waiting, outbox \(unsentOutbox) unsent")
            }
        }
    }
}
