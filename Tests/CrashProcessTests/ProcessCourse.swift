import CrashSupport
import Foundation
import RekeyCore
import Testing

/// What a sweep of processes goes through: one strategy's rotation, on one kind of journal.
struct ProcessCourse: Sendable, Hashable, CustomStringConvertible, CustomTestStringConvertible {
    enum Journal: String, Sendable, CaseIterable { case sqlite, postgres }

    let strategy: Strategy
    let journal: Journal

    var description: String { "\(strategy) on \(journal)" }
    var testDescription: String { description }

    /// All of them, or those that the environment names by a part of their description.
    static let all = Journal.allCases.flatMap { journal in
        Strategy.allCases.map { ProcessCourse(strategy: $0, journal: journal) }
    }.filter { course in
        let named = ProcessInfo.processInfo.environment["REKEY_CRASH_COURSE"]
        return named.map { course.description.contains($0) } ?? true
    }

    /// Of how many points one is tried.
    ///
    /// What CI has time for, unless the environment names another number: each run is a rotation
    /// by real processes, and on a journal in PostgreSQL it waits for a dead worker's claim to end.
    var stride: Int {
        let variable =
            journal == .sqlite ? "REKEY_CRASH_STRIDE" : "REKEY_SHARED_CRASH_STRIDE"
        let named = ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
        return named ?? usualStride
    }

    private var usualStride: Int {
        switch (strategy, journal) {
        case (.alternate, .sqlite), (.addThenRemove, .sqlite): 1
        case (.alternate, .postgres): 16
        case (_, .sqlite): 24
        case (_, .postgres): 60
        }
    }
}
