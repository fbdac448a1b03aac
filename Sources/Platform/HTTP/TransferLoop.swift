import CCurl
import Foundation
import Synchronization

/// The thread that runs every transfer of one client, and the mailbox that leads to it.
///
/// libcurl's multi interface is used from that thread only, but for the wake-up.
final class TransferLoop: Sendable {
    typealias Waiting = CheckedContinuation<Void, Never>

    private enum Command: Sendable {
        case start(QueuedTransfer)
        case cancel(UInt)
    }

    private struct State {
        var commands: [Command] = []
        var isClosed = false
        var hasEnded = false
        var waiting: [Waiting] = []
    }

    /// How long the thread sleeps when nothing is due; any command wakes it.
    private static let longestPollMilliseconds: Int32 = 60_000

    private let state = Mutex(State())
    private let multi: MultiHandle?
    private let authorities: TLSAuthorities?

    init(authorities: TLSAuthorities?, name: String) {
        self.authorities = authorities
        multi = MultiHandle()
        Thread(named: name) { [self] in run() }.start()
    }

    func start(_ queued: QueuedTransfer) {
        let isTaken = state.withLock { state in
            if !state.isClosed { state.commands.append(.start(queued)) }
            return !state.isClosed
        }
        guard isTaken else {
            return queued.fail(.refused, CURLE_ABORTED_BY_CALLBACK, "client: closed")
        }
        multi?.wake()
    }

    func cancel(_ number: UInt) {
        state.withLock { state in
            if !state.isClosed { state.commands.append(.cancel(number)) }
        }
        multi?.wake()
    }

    /// Ends the thread, then resumes `waiting`.
    func close(then waiting: Waiting?) {
        let hasEnded = state.withLock { state in
            state.isClosed = true
            if let waiting, !state.hasEnded { state.waiting.append(waiting) }
            return state.hasEnded
        }
        if hasEnded { waiting?.resume() }
        multi?.wake()
    }

    private func run() {
        var transfers = Transfers(multi: multi, authorities: authorities)
        var isClosed = false
        while !isClosed {
            let commands = state.withLock { state in
                defer { state.commands = [] }
                isClosed = state.isClosed
                return state.commands
            }
            for command in commands {
                switch command {
                case .start(let queued): transfers.enqueue(queued)
                case .cancel(let number): transfers.cancel(number)
                }
            }
            if isClosed { break }
            transfers.proceed()
            transfers.wait(atMostMilliseconds: Self.longestPollMilliseconds)
        }
        transfers.abortAll()
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
