import Foundation
import RekeyCore

// When systems fail, clocks jump and workers die.
extension SimulatedWorld {
    /// Plans the first of everything that goes wrong; each plans the next.
    func planWeather() {
        guard !settings.isCalm else { return }
        let vaultNames = vaults.keys.map(\.text).sorted()
        let systems = (0..<SecretMaker.targetSystemCount).map { "target-\($0)" }
        for system in vaultNames { planOutage(of: system, meanDays: 120) }
        for system in systems { planOutage(of: system, meanDays: 150) }
        for system in ["broker", "workload", "hosts"] { planOutage(of: system, meanDays: 150) }
        for system in vaultNames + systems { planThrottling(of: system) }
        planJump()
    }

    private func planOutage(of system: String, meanDays: Double) {
        let (wait, length) = draw { choice in
            (choice.wait(mean: meanDays * Day.seconds), choice.pick(Self.outages))
        }
        after(wait) {
            self.weather.setDown(true, system)
            self.weather.count("outages")
            self.impediments.begin("outage of \(system)", at: system, self.clock.elapsed)
            self.note("outage of \(system)")
            if system == "broker" { self.loseConnections() }
            self.after(length) {
                self.weather.setDown(false, system)
                self.impediments.end("outage of \(system)", at: system, self.clock.elapsed)
                self.note("\(system) is back")
                if system == "broker" { self.loseConnections() }
                self.planOutage(of: system, meanDays: meanDays)
            }
        }
    }

    private func planThrottling(of system: String) {
        let (wait, length) = draw { choice in
            (
                choice.wait(mean: 90 * Day.seconds),
                choice.pick([(0.8, 600...7_200), (0.2, 7_200...86_400)])
            )
        }
        after(wait) {
            self.weather.setThrottling(true, system)
            self.weather.count("times of throttling")
            self.note("\(system) throttles")
            self.after(length) {
                self.weather.setThrottling(false, system)
                self.note("\(system) throttles no more")
                self.planThrottling(of: system)
            }
        }
    }

    private func planJump() {
        let (wait, length, size) = draw { choice in
            (
                choice.wait(mean: 100 * Day.seconds),
                choice.pick([(0.5, 600...7_200), (0.5, 7_200...300_000)]),
                choice.pick(Self.jumps) * (choice.chance(0.5) ? 1 : -1)
            )
        }
        after(wait) {
            self.clock.offset = size
            self.weather.count("jumps of the clock")
            self.note("the clock jumps by \(Int(size)) s")
            self.impediments.begin("wrong clock", at: "worker", self.clock.elapsed)
            self.after(length) {
                self.clock.offset = 0
                self.note("the clock is right again")
                // What was to wait until a date by the wrong clock waits so much longer.
                self.after(max(size, 0)) {
                    self.impediments.end("wrong clock", at: "worker", self.clock.elapsed)
                    self.planJump()
                }
            }
        }
    }

    private static let outages: [(part: Double, range: ClosedRange<Double>)] = [
        (0.6, 600...6 * 3_600), (0.3, 6 * 3_600...3 * 86_400), (0.1, 3 * 86_400...9 * 86_400),
    ]

    private static let jumps: [(part: Double, range: ClosedRange<Double>)] = [
        (0.5, 60...3_600), (0.3, 3_600...86_400), (0.2, 86_400...5 * 86_400),
    ]
}
