import RekeyCore
import RekeyPorts
import Synchronization

/// Keeps one connection alive: connects, serves, and after a loss does it again.
final class LinkKeeper: Sendable {
    private let settings: RabbitMQSettings
    private let role: LinkStatus.Role
    private let status: LinkStatus
    private let thread: LinkThread
    private let watch = CallWatch()
    private let connections = Atomic<UInt64>(0)
    /// Makes the loop for one connection; the number counts them from 1.
    private let makeLink: @Sendable (UInt64, CallWatch) -> any Link
    /// Called now and then while there is no connection.
    private let whileLost: @Sendable () -> Void

    init(
        _ role: LinkStatus.Role,
        settings: RabbitMQSettings,
        status: LinkStatus,
        whileLost: @escaping @Sendable () -> Void = {},
        makeLink: @escaping @Sendable (UInt64, CallWatch) -> any Link
    ) {
        self.role = role
        self.settings = settings
        self.status = status
        self.whileLost = whileLost
        self.makeLink = makeLink
        thread = LinkThread(
            name: role == .consuming ? "amqp-consume" : "amqp-publish",
            stackByteCount: settings.guards.stackByteCount
        )
    }

    /// Ends a call that has lasted too long: two heartbeats, and never less than 15 s.
    func checkCalls() {
        guard settings.guards.watchesCalls else { return }
        let limit = Duration.seconds(2 * settings.heartbeatSeconds)
        watch.check(limit: max(limit, settings.guards.shortestCallLimit))
    }

    /// Returns when the task is cancelled, and throws what another attempt cannot mend.
    func run() async throws(StepFailure) {
        var course = ReconnectCourse(settings)
        while !Task.isCancelled {
            let round = try await attemptRound(&course)
            guard let failure = round else { return }
            status.setLost(role, failure.description)
            let pause = try course.pause(after: failure)
            await wait(pause)
        }
    }

    /// Tries every address once; returns the failure that counts, or nothing when stopped.
    private func attemptRound(
        _ course: inout ReconnectCourse
    ) async throws(StepFailure)
        -> AMQPFailure?
    {
        var failures: [AMQPFailure] = []
        for address in course.addresses {
            let secret: Secret
            do {
                secret = try await settings.password()
            } catch {
                guard course.hasBeenReady || error.kind == .transient else { throw error }
                return AMQPFailure("password", .trouble(error.reason))
            }
            let began = ContinuousClock.now
            switch await serve(address, secret: secret) {
            case .stopped: return nil
            case .lost(let failure, let wasReady):
                if Task.isCancelled { return nil }
                failures.append(failure)
                guard wasReady else { continue }
                course.noteReady(lasting: began.duration(to: .now))
                return failure
            }
        }
        course.rotate()
        return failures.first { !$0.isRefusal } ?? failures.first
    }

    private func serve(_ address: RabbitMQSettings.Address, secret: Secret) async -> LinkEnd {
        let number = connections.wrappingAdd(1, ordering: .relaxed).newValue
        return await thread.run { [self] in
            defer { watch.forget() }
            do throws(AMQPFailure) {
                let connection = try connect(to: address, secret: secret)
                let end = makeLink(number, watch).serve(connection)
                if case .stopped = end { connection.close() }
                return end
            } catch {
                return .lost(error, wasReady: false)
            }
        }
    }

    private func connect(
        to address: RabbitMQSettings.Address,
        secret: Secret
    )
        throws(AMQPFailure) -> AMQPConnection
    {
        try AMQPConnection.connect(settings, to: address, secret: secret, watch: watch)
    }

    private func wait(_ pause: Duration) async {
        let end = ContinuousClock.now + pause
        while !Task.isCancelled {
            whileLost()
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return }
            // Cancellation ends the sleep, and the loop.
            try? await Task.sleep(for: min(left, .seconds(1)))
        }
    }
}

extension AMQPConnection {
    /// Tries a host's addresses one by one, each within its own deadline.
    ///
    /// With TLS the name goes to the library, which sends and verifies it.
    static func connect(
        _ settings: RabbitMQSettings,
        to address: RabbitMQSettings.Address,
        secret: Secret,
        watch: CallWatch
    ) throws(AMQPFailure) -> AMQPConnection {
        precondition(AMQPLibrary.version > 0, "The library tells its version.")
        guard !secret.reveal({ $0.containsZero }) else {
            throw AMQPFailure("amqp_login", .refusal("the password contains a null byte"))
        }
        let hosts = settings.tls == nil ? try NumericAddress.all(of: address.host) : [address.host]
        var failure = AMQPFailure("getaddrinfo", .trouble("no address"), at: address.host)
        for host in hosts {
            do {
                return try AMQPConnection(
                    settings,
                    host: host,
                    port: address.port,
                    secret: secret,
                    watch: watch
                )
            } catch {
                failure = error
                guard case .librabbitmq = error.cause else { break }
            }
        }
        throw failure
    }
}

extension RawSpan {
    fileprivate var containsZero: Bool {
        unsafe withUnsafeBytes { bytes in unsafe bytes.contains(0) }
    }
}
