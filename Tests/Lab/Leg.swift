import CrashLab
import RekeyCore

/// A part of the sweep: a course, and how far it is gone through.
struct Leg {
    let course: Course
    let hasPairs: Bool

    /// The courses of a strategy; the whole of them also in other orders and on a file.
    static func all(of strategy: Strategy, isWhole: Bool) -> [Leg] {
        let scenarios = SweepScenario.all(of: strategy)
        let short = scenarios.map { Leg(course: Course(strategy, $0), hasPairs: isWhole) }
        guard isWhole else { return short }
        let orders = DeliveryOrder.allCases.filter { $0 != .once }
        return short
            + orders.flatMap { order in
                scenarios.map { Leg(course: Course(strategy, $0, order: order), hasPairs: false) }
            }
            + scenarios.map {
                Leg(course: Course(strategy, $0, journal: .sqlite), hasPairs: false)
            }
            + [Leg(course: Course(strategy, journal: .older), hasPairs: false)]
    }

    /// Every pair for the shortest saga, and so many for the others.
    func pairs(drawing count: Int, seed: UInt64) -> Sweep.Pairs {
        guard hasPairs else { return .none }
        if course.scenario == .refusesAll { return .all }
        return count == 0 ? .none : .some(count, seed: seed)
    }
}
