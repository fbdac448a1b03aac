import CrashSupport
import Foundation
import RekeyCore

/// What the runs of one sweep came to.
struct ProcessReport: Sendable, CustomStringConvertible {
    let course: ProcessCourse
    var calls = 0
    var points = 0
    var stride = 1
    var runs = 0
    /// Runs that were made again, since the point was not reached or the looks were too few.
    var repeated = 0
    /// Points at which no worker died, or too few looks were made, in any of the attempts; and
    /// which of the two it was in the last.
    var missed: [String] = []
    var signIns = 0
    var lists = 0
    /// Of both, those while no worker was alive, or the new one had not called anything yet.
    var looksWhileDead = 0
    /// Of the world that was looked at least often, each second; those too few are repeated.
    var fewestSignIns = Double.infinity
    var fewestLists = Double.infinity
    var checks = 0
    /// Each with the point after which it was seen.
    var violations: [String] = []
    var standing = StandingSum()

    /// How many gaps were declared, the longest of them, and the longest part that was seen of one.
    var gaps = 0
    var longestGap = 0.0
    var longestGapSeen = 0.0

    init(_ course: ProcessCourse) { self.course = course }

    /// Says it at once, also in the midst of a long test.
    static func tell(_ line: some CustomStringConvertible) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }

    var unreached: Int { missed.count }

    /// Takes in the attempts at one point, of which only the last may have succeeded.
    mutating func add(_ attempts: [ProcessRun], _ trouble: ProcessTrouble?) {
        repeated += attempts.count - 1
        if let last = attempts.last, !last.isWhole {
            let why = last.wasHit ? "looks too few" : "not come to"
            missed.append("\(trouble.map { "\($0)" } ?? "left alone"): \(why)")
        }
        for run in attempts { add(run, trouble) }
    }

    private mutating func add(_ run: ProcessRun, _ trouble: ProcessTrouble?) {
        let seen = run.seen
        runs += 1
        signIns += seen.signIns
        lists += seen.lists
        looksWhileDead += seen.whileDead
        checks += seen.signIns + seen.lists + run.checks
        if seen.isEnough {
            fewestSignIns = min(fewestSignIns, seen.signInsEachSecond)
            fewestLists = min(fewestLists, seen.listsEachSecond)
        }
        if let gap = run.gap, gap.reported > 0 {
            gaps += 1
            longestGap = max(longestGap, gap.reported)
            longestGapSeen = max(longestGapSeen, gap.seen)
        }
        if let outcome = run.standing, let trouble { standing.add(outcome, trouble) }
        let place = trouble.map { "\($0)" } ?? "left alone"
        violations += (run.violations + seen.violations).map { "\(course), \(place): \($0)" }
    }

    var description: String {
        "process sweep \(course): calls \(calls), points \(points), every \(stride), "
            + "runs \(runs) (repeated \(repeated)), unreached \(unreached)\(missedText), "
            + "checks \(checks), "
            + "sign-ins \(signIns) (a second in each world at least \(Self.whole(fewestSignIns))), "
            + "lists \(lists) (at least \(Self.whole(fewestLists))), "
            + "looks while the worker was dead \(looksWhileDead), "
            + "violations \(violations.count)" + gapText
            + (course.stands ? ", \(standing)" : "")
    }

    /// Without a world that was looked at often enough there is no least.
    private static func whole(_ rate: Double) -> String {
        rate.isFinite ? String(Int(rate)) : "none"
    }

    private var missedText: String {
        missed.isEmpty ? "" : " (" + missed.joined(separator: "; ") + ")"
    }

    private var gapText: String {
        guard gaps > 0 else { return "" }
        let told = String(format: "%.2f", longestGap)
        let seen = String(format: "%.2f", longestGapSeen)
        return ", gaps \(gaps) (the longest told \(told) s, seen \(seen) s)"
    }

    /// The same as a row of a table, below `columns`.
    var row: String {
        let kind = course.stands ? "standing" : course.journal.rawValue
        var cells: [(String, Int)] = [
            (course.strategy.rawValue, 14), (kind, 11), ("\(points)", 7), ("\(stride)", 6),
            ("\(runs)", 5), ("\(checks)", 7), ("\(violations.count)", 10), ("\(unreached)", 9),
        ]
        if course.stands {
            cells += [("\(standing.refused)", 7), (standing.longestText, 0)]
        }
        return cells.map { text, width in
            text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
        }.joined(separator: " ")
    }

    static let columns =
        "strategy       journal     points  every  runs  checks  violations unreached"
    static let standingColumns = columns + " refused longest wait for the other worker"
}

/// What came of the workers that stood still.
struct StandingSum: Sendable, CustomStringConvertible {
    private(set) var runs = 0
    /// Writes that the journal refused for an old claim.
    private(set) var refused = 0
    /// Runs in which the journal refused one.
    private(set) var runsRefused = 0
    /// Deliveries that were with a worker which stood still.
    private(set) var deliveries = 0
    /// How long it took the other worker to end the rotation, at most, and where.
    private(set) var longest = 0.0
    private var longestAt: ProcessTrouble?

    mutating func add(_ outcome: StandingRun.Outcome, _ trouble: ProcessTrouble) {
        runs += 1
        refused += outcome.refused
        runsRefused += outcome.refused > 0 ? 1 : 0
        deliveries += outcome.deliveries
        guard outcome.waited > longest else { return }
        longest = outcome.waited
        longestAt = trouble
    }

    var longestText: String {
        String(format: "%.1f s", longest) + (longestAt.map { ", \($0)" } ?? "")
    }

    var description: String {
        "stood still \(runs), stale writes refused \(refused) (in \(runsRefused) runs), "
            + "deliveries in hand \(deliveries), the other worker took \(longestText) at most"
    }
}
