import CrashSupport
import Foundation
import RekeyCore
import Testing

/// What a sweep of processes goes through: one strategy's rotation, on one kind of journal.
struct ProcessCourse: Sendable, Hashable, CustomStringConvertible, CustomTestStringConvertible {
    enum Journal: String, Sendable, CaseIterable { case sqlite, postgres }

    let strategy: Strategy
    let journal: Journal
    /// Whether the worker stands still for a while, instead of being killed.
    var stands = false

    var description: String { "\(strategy) on \(journal)" + (stands ? ", standing still" : "") }
    var testDescription: String { description }

    /// All of them, or those that the environment names by a part of their description.
    static let all = Journal.allCases.flatMap { journal in
        Strategy.allCases.map { ProcessCourse(strategy: $0, journal: journal) }
    }.filter(\.isNamed)

    /// Those in which a worker stands still: one alone, unless the environment names a stride.
    static let standing = Strategy.allCases.map {
        ProcessCourse(strategy: $0, journal: .postgres, stands: true)
    }.filter { $0.isNamed && ($0.strategy == .dualKey || $0.namedStride != nil) }

    /// A part of the points to try, where not all are to be.
    var namedPoint: String? { ProcessInfo.processInfo.environment["REKEY_CRASH_POINT"] }

    private var isNamed: Bool {
        let named = ProcessInfo.processInfo.environment["REKEY_CRASH_COURSE"]
        return named.map { description.contains($0) } ?? true
    }

    /// Of how many points one is tried.
    ///
    /// What CI has time for, unless the environment names another number: each run is a rotation
    /// by real processes, and on a journal in PostgreSQL it waits for a dead worker's claim to end.
    var stride: Int { namedStride ?? usualStride }

    /// Whether it is so few points that not all that can be seen is.
    var isPart: Bool { stride > 20 || namedPoint != nil }

    private var namedStride: Int? {
        let variable =
            stands
            ? "REKEY_STANDSTILL_STRIDE"
            : journal == .sqlite ? "REKEY_CRASH_STRIDE" : "REKEY_SHARED_CRASH_STRIDE"
        return ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
    }

    private var usualStride: Int {
        // Odd, since of two neighbours one hands the deliveries over too.
        guard !stands else { return 79 }
        return switch (strategy, journal) {
        case (.alternate, .sqlite), (.addThenRemove, .sqlite): 1
        case (.alternate, .postgres): 16
        case (_, .sqlite): 24
        case (_, .postgres): 60
        }
    }
}
