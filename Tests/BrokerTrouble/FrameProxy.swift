import Foundation
import Glibc
import RealParts
import Synchronization

/// A TCP proxy before a broker that knows where AMQP's frames begin and end.
///
/// It counts frames by kind, and at one of them cuts, delays or stalls the connection. Closed when
/// `close` is called; until then what it holds stays open.
package final class FrameProxy: Sendable {
    /// What happened since the last `arm`.
    package struct Report: Sendable {
        package var counts: [FrameKind: Int] = [:]
        package var isHit = false
        /// The client has closed the connection that was stalled.
        package var isStallNoticed = false
        /// Frames without their end byte: always 0 unless this proxy is wrong.
        package var broken = 0
    }

    private struct State {
        var fault: FrameFault?
        var report = Report()
        var clearsStalls = false
        var isClosed = false
    }

    package let port: Int
    private let listener: ProxySocket
    private let upstream: Int
    private let delay: Duration
    private let state = Mutex(State())

    /// Listens on a port of its own for connections to `upstream` on this host.
    package init(to upstream: Int, delay: Duration) throws {
        (listener, port) = try ProxySocket.listen()
        self.upstream = upstream
        self.delay = delay
        let thread = Thread { [self] in serve() }
        thread.name = "frame-proxy"
        thread.start()
    }

    /// Counts anew from here on, and does `fault` where it comes to it.
    package func arm(_ fault: FrameFault?) {
        state.withLock { state in
            state.fault = fault
            state.report = Report()
        }
    }

    package var report: Report { state.withLock { $0.report } }

    /// Does nothing any more, and returns once what is stalled has been ended.
    package func disarm() async throws {
        state.withLock { state in
            state.fault = nil
            state.clearsStalls = true
        }
        try await eventually("the proxy has ended what is stalled") {
            state.withLock { !$0.clearsStalls }
        }
    }

    /// Ends every connection, and listens no more.
    package func close() { state.withLock { $0.isClosed = true } }

    private func serve() {
        var links: [ProxyLink] = []
        while !state.withLock({ $0.isClosed }) {
            var polls = [pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)]
            polls += links.flatMap(\.polls)
            _ = unsafe poll(&polls, nfds_t(polls.count), Self.lookMilliseconds)
            for (index, poll) in polls.dropFirst().enumerated() where poll.revents != 0 {
                links[index / 2].take(from: index % 2, decide, holding: delay)
            }
            let now = ContinuousClock.now
            for index in links.indices { links[index].resume(at: now, decide, holding: delay) }
            note(&links)
            links.removeAll { $0.mode == .closed }
            if polls[0].revents != 0, let client = listener.accept() {
                // Without a broker the client gets an end of file, as from a port that closes.
                guard let broker = ProxySocket.connect(upstream) else { continue }
                links.append(ProxyLink(client: client, broker: broker))
            }
        }
        for index in links.indices { links[index].cut(byReset: true) }
    }

    private func note(_ links: inout [ProxyLink]) {
        let clears = state.withLock { state in
            if links.contains(where: \.isAbandoned) { state.report.isStallNoticed = true }
            return state.clearsStalls
        }
        guard clears else { return }
        for index in links.indices { links[index].giveUp() }
        state.withLock { $0.clearsStalls = false }
    }

    /// Counts a frame, and says what happens at it.
    private func decide(_ frame: FrameScanner.Frame) -> FrameFault? {
        state.withLock { state in
            if !frame.isWhole { state.report.broken += 1 }
            guard frame.kind != .heartbeat, frame.kind != .other else { return nil }
            state.report.counts[frame.kind, default: 0] += 1
            guard let fault = state.fault, fault.frame == frame.kind,
                fault.ordinal == state.report.counts[frame.kind]
            else { return nil }
            state.fault = nil
            state.report.isHit = true
            return fault
        }
    }

    private static let lookMilliseconds: Int32 = 20
}
