import ArgumentParser
import Foundation
import JournalRecords
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import RekeyWorker

/// `rekey audit`: whether the record is whole, and the record itself.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verifies or exports the record of what was done.",
        subcommands: [Verify.self, Export.self]
    )

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Finds a flipped byte, and a dropped, reordered or cut-off record.",
            discussion: """
                Whoever can write the journal can write a whole new chain. Keep heads outside: \
                --head ROTATION=DIGEST compares one that was kept.
                """
        )

        @OptionGroup var configuration: ConfigurationOption
        @Argument(help: "A rotation's id; all rotations where left out.")
        var rotation: String?
        @Option(name: .customLong("head"), help: "ROTATION=DIGEST, as `audit export` printed it.")
        var heads: [String] = []

        func run() async throws {
            let reader = try await Assembly(try configuration.load()).openReader(SystemClock())
            let ids = try await Audit.chosen(rotation, reader)
            var flaws: [String] = []
            var known: [String: [String]] = [:]
            for id in ids {
                guard let trail = try await reader.auditTrail(of: id) else { continue }
                known[id.text] = trail.records.map { $0.digest.hex }
                if let flaw = AuditChain.verify(trail) { flaws.append("rotation \(id): \(flaw)") }
            }
            flaws += heads.compactMap { flaw(of: $0, known) }
            for flaw in flaws { Console.line(flaw) }
            guard flaws.isEmpty else {
                throw Problem(
                    "the record is not what was written: \(flaws.count) found",
                    hint: "the lines above name each one; compare with a copy of the journal"
                )
            }
            Console.line("\(ids.count) rotations: every record is whole and in its place")
        }

        /// What is wrong with a head kept outside; what lies after it is no flaw, and is told.
        private func flaw(of head: String, _ known: [String: [String]]) -> String? {
            let parts = head.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let digests = known[parts[0]] else {
                return "head \(head): the journal has no such rotation"
            }
            guard let place = digests.firstIndex(of: parts[1]) else {
                return "rotation \(parts[0]): the head kept outside is not in its chain"
            }
            let after = digests.count - 1 - place
            if after > 0 { Console.line("rotation \(parts[0]): \(after) records after that head") }
            return nil
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the record: one JSON line for each event, with its digest."
        )

        @OptionGroup var configuration: ConfigurationOption
        @Argument(help: "A rotation's id; all rotations where left out.")
        var rotation: String?

        private struct Line: Encodable {
            var rotation: String
            var secret: String
            var number: Int
            var at: Date
            var what: String?
            var event: RotationEvent
            var digest: String
        }

        func run() async throws {
            let reader = try await Assembly(try configuration.load()).openReader(SystemClock())
            for id in try await Audit.chosen(rotation, reader) {
                guard let state = try await reader.rotation(id) else { continue }
                for entry in try await reader.history(of: id) {
                    try Console.json(
                        Line(
                            rotation: id.text,
                            secret: state.plan.credential.text,
                            number: entry.number,
                            at: entry.event.date,
                            what: Narration.line(for: entry.event)?.words,
                            event: entry.event,
                            digest: entry.digest
                        )
                    )
                }
            }
        }
    }

    fileprivate static func chosen(
        _ rotation: String?,
        _ reader: any AuditReader
    ) async throws -> [RotationID] {
        guard let rotation else { return try await reader.rotationIDs() }
        guard try await reader.rotation(RotationID(rotation)) != nil else {
            throw Problem(
                "the journal has no rotation \(rotation)",
                hint: "`rekey history` names them",
                code: Problem.usage
            )
        }
        return [RotationID(rotation)]
    }
}

extension [UInt8] {
    fileprivate var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension String {
    /// The text with one space between words.
    fileprivate var words: String { split(separator: " ").joined(separator: " ") }
}
