import Glibc

/// One connection through the proxy: a client's socket, and ours to the broker.
struct ProxyLink {
    enum Mode: Equatable {
        case flowing
        case held(until: ContinuousClock.Instant)
        case stalled
        /// Both ends were told; what still comes is dropped.
        case ending
        case closed
    }

    /// `POLLRDHUP` of poll(2), which glibc shows to GNU programs only.
    private static let hangUp: Int16 = 0x2000

    private(set) var mode = Mode.flowing
    /// The client has closed its end of a stalled connection.
    private(set) var isAbandoned = false
    private let sockets: [ProxySocket]
    private var scanners = FrameScanner.Direction.allCases.map { FrameScanner($0) }
    /// The rest of a frame, which goes first once the link flows again.
    private var rest: [[UInt8]] = [[], []]
    private var ended: Set<Int> = []

    init(client: ProxySocket, broker: ProxySocket) { sockets = [client, broker] }

    /// What to wait for, the client's first.
    var polls: [pollfd] {
        let events =
            switch mode {
            case .flowing, .ending: Int16(POLLIN)
            case .held, .stalled: Self.hangUp
            case .closed: Int16(0)
            }
        return sockets.enumerated().map { side, socket in
            let isDone = mode == .closed || ended.contains(side) || mode == .stalled && side == 1
            return pollfd(fd: isDone ? -1 : socket.number, events: events, revents: 0)
        }
    }

    /// Reads what came on one side, and passes it on unless `stop` says otherwise.
    mutating func take(
        from side: Int,
        _ stop: (FrameScanner.Frame) -> FrameFault?,
        holding delay: Duration
    ) {
        switch mode {
        case .stalled:
            isAbandoned = true
            ended.insert(0)
            return
        case .held:
            ended.insert(side)
            return
        case .closed: return
        case .flowing, .ending: break
        }
        guard let bytes = sockets[side].receive() else { return end(side) }
        guard mode == .flowing else { return }
        scanners[side].add(bytes)
        pass(side, stop, holding: delay)
    }

    /// Lets a held link flow again once its time has come.
    mutating func resume(
        at now: ContinuousClock.Instant,
        _ stop: (FrameScanner.Frame) -> FrameFault?,
        holding delay: Duration
    ) {
        guard case .held(let end) = mode, now >= end else { return }
        mode = .flowing
        for side in 0...1 {
            sockets[1 - side].send(rest[side])
            rest[side] = []
            pass(side, stop, holding: delay)
        }
        // One of them has hung up meanwhile.
        if mode == .flowing, !ended.isEmpty { cut(byReset: false) }
    }

    /// Ends a stalled link for good.
    mutating func giveUp() {
        guard mode == .stalled else { return }
        cut(byReset: true)
    }

    mutating func cut(byReset: Bool) {
        if byReset {
            sockets.forEach { $0.resetAtClose() }
            mode = .closed
        } else {
            sockets.forEach { $0.finish() }
            mode = .ending
        }
    }

    private mutating func pass(
        _ side: Int,
        _ stop: (FrameScanner.Frame) -> FrameFault?,
        holding delay: Duration
    ) {
        while mode == .flowing, let frame = scanners[side].next() {
            guard let fault = stop(frame) else {
                sockets[1 - side].send(frame.bytes)
                continue
            }
            let through =
                switch fault.place {
                case .before: 0
                case .inside: frame.bytes.count / 2
                case .after: frame.bytes.count
                }
            sockets[1 - side].send(frame.bytes.prefix(through))
            rest[side] = Array(frame.bytes.dropFirst(through))
            switch fault.kind {
            case .reset: cut(byReset: true)
            case .end: cut(byReset: false)
            case .delay: mode = .held(until: .now + delay)
            case .stall: mode = .stalled
            }
        }
    }

    private mutating func end(_ side: Int) {
        ended.insert(side)
        if mode == .flowing { cut(byReset: false) }
        if ended.count == 2 { mode = .closed }
    }
}
