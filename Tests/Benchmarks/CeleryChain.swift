import ArgumentParser
import Foundation
import Glibc
import RealParts

/// A chain of Celery tasks on a virtual host of its own.
struct CeleryChain: Sendable {
    /// How its worker runs tasks at once.
    struct Pool: Sendable, CustomStringConvertible {
        let name: String
        let concurrency: Int

        /// Reads `prefork:2`.
        init(_ text: String) throws {
            let words = text.split(separator: ":")
            guard words.count == 2, let concurrency = Int(words[1]), concurrency > 0 else {
                throw ValidationError("\(text): a pool is a name and a number, as in prefork:2")
            }
            (name, self.concurrency) = (String(words[0]), concurrency)
        }

        var description: String { "\(name):\(concurrency)" }
    }

    let rabbit: PrivateRabbitMQ
    let python: String
    let scripts: String
    let options: BenchOptions

    /// Publishes more chains than the measured time needs, starts a worker, and counts what it
    /// acknowledges once it has warmed up.
    func hopsPerSecond(in pool: Pool) async throws -> Double {
        let virtualHost = "/celery-\(pool.name)"
        try await rabbit.makeVirtualHost(virtualHost)
        let environment = ProcessInfo.processInfo.environment.merging([
            "BENCH_AMQP_URL": rabbit.url(virtualHost: virtualHost),
            "BENCH_PREFETCH": "\(Self.prefetch)",
        ]) { $1 }
        let seconds = options.warmUp + options.seconds
        let chains = Int(Self.mostHopsPerSecond * seconds) / Self.chainLength
        let feed = try await ChildProcess.run(
            python,
            ["feed.py", "\(chains)", "\(Self.chainLength)", "\(options.eventBytes)"],
            environment: environment,
            workingDirectory: scripts,
            within: .seconds(300)
        )
        guard feed.succeeded else {
            throw BenchFailure("celery cannot publish: \(feed.errors.suffix(400))")
        }
        let idle = try await rabbit.acknowledgedCount()
        let worker = try ChildProcess(
            python,
            [
                "-m", "celery", "-A", "chain_app", "worker", "--pool", pool.name, "--concurrency",
                "\(pool.concurrency)", "--loglevel", "ERROR", "--without-gossip",
                "--without-mingle", "--without-heartbeat",
            ],
            environment: environment,
            workingDirectory: scripts
        )
        defer { worker.signalGroup(SIGKILL) }
        try await eventually(within: .seconds(60), "celery works") {
            try await rabbit.acknowledgedCount() > idle
        }
        let clock = ContinuousClock()
        try await clock.sleep(for: .seconds(options.warmUp))
        let (start, first) = (clock.now, try await rabbit.acknowledgedCount())
        try await clock.sleep(for: .seconds(options.seconds))
        let (end, last) = (clock.now, try await rabbit.acknowledgedCount())
        worker.kill()
        try await worker.waitForExit()
        try await rabbit.deleteVirtualHost(virtualHost)
        guard last - idle < chains * Self.chainLength else {
            throw BenchFailure("celery ran out of chains: lower --seconds")
        }
        return Double(last - first) / (start.duration(to: end) / .seconds(1))
    }

    private static let prefetch = 8
    private static let chainLength = 10
    /// What is published beforehand suffices up to here.
    private static let mostHopsPerSecond = 3_000.0
}

extension PrivateRabbitMQ {
    /// What the node counted as acknowledged, in all virtual hosts.
    nonisolated func acknowledgedCount() async throws -> Int {
        let text = try await evaluate(
            """
            lists:sum([maps:get(messages_acknowledged_total, C, 0)
              || C <- maps:values(rabbit_global_counters:overview())])
            """
        )
        guard let count = Int(text) else { throw BenchFailure("unexpected counter: \(text)") }
        return count
    }
}
