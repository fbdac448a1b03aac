import ArgumentParser
import RealParts

/// Measures what a hop costs without Rekey.
struct RawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raw",
        abstract: "Echo hops of bare librabbitmq: consume, publish with confirm, acknowledge."
    )

    @OptionGroup var options: BenchOptions

    func run() async throws {
        let rabbit = try await PrivateRabbitMQ.start()
        let echo = try await EchoLoop.make(on: rabbit, options)
        var values: [Double] = []
        for round in 1...options.rounds {
            let load = Report.load()
            let value = try await echo.hopsPerSecond(for: options.seconds, warmUp: options.warmUp)
            values.append(value)
            Report.line("round \(round): raw \(value.rounded(to: 0)) hops/s (load \(load))")
        }
        let spread = Spread(values)
        Report.line("raw: \(spread) hops/s")
        if options.json { try Report.json(["rawHopsPerSecond": spread.median.rounded(to: 1)]) }
    }
}

extension EchoLoop {
    /// An echo in a virtual host of its own.
    static func make(on rabbit: PrivateRabbitMQ, _ options: BenchOptions) async throws -> EchoLoop {
        let virtualHost = "/echo"
        try await rabbit.makeVirtualHost(virtualHost)
        return EchoLoop(
            place: EchoPlace(rabbit, virtualHost: virtualHost),
            window: options.window,
            eventBytes: options.eventBytes
        )
    }
}
