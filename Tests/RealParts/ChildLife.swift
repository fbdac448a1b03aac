import Foundation
import Glibc
import Synchronization

/// Waits for one child on a thread of its own, and is the only one to reap it.
final class ChildLife: Sendable {
    private static let finishLook: TimeInterval = 0.05
    private static let finishLooks = 40
    /// How often the rest of a session is killed until it is gone, 20 ms apart.
    private static let killLimit = 250
    private static let killPause: TimeInterval = 0.02

    private let pid: Int32
    private let session: ProcessSession
    private let lastSignal: ChildProcess.LastSignal
    private let ended = Mutex<ChildProcess.Exit?>(nil)

    init(pid: Int32, mark: String, lastSignal: ChildProcess.LastSignal) {
        self.pid = pid
        session = ProcessSession(leader: pid, mark: mark)
        self.lastSignal = lastSignal
    }

    var exit: ChildProcess.Exit? { ended.withLock { $0 } }

    func watch() {
        let thread = Thread { self.reap() }
        thread.name = "child-\(pid)"
        thread.start()
    }

    /// The lock keeps the number from being reaped, and so reused, between the look and the signal.
    func signal(_ number: Int32, group: Bool) {
        ended.withLock { exit in
            guard exit == nil else { return }
            _ = Glibc.kill(group ? -pid : pid, number)
        }
    }

    /// Sends the last signal and, two seconds later, SIGKILL; returns at once.
    func finish() {
        switch lastSignal {
        case .kill: return killSession()
        case .quit: signal(SIGQUIT, group: false)
        case .terminate: signal(SIGTERM, group: false)
        }
        let thread = Thread {
            for _ in 0..<Self.finishLooks {
                guard self.exit == nil else { return }
                Thread.sleep(forTimeInterval: Self.finishLook)
            }
            self.killSession()
        }
        thread.start()
    }

    func killSession() {
        signal(SIGKILL, group: true)
        ended.withLock { exit in
            guard exit == nil else { return }
            session.kill()
        }
    }

    private func reap() {
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 {
            guard errno == EINTR else { return }
        }
        // The leader is a zombie now, so its session's number still belongs to it. A killed process
        // holds its ports until the kernel has taken it apart, so the end is awaited.
        for _ in 0..<Self.killLimit {
            guard session.kill() > 0 else { break }
            Thread.sleep(forTimeInterval: Self.killPause)
        }
        ended.withLock { exit in
            var status: Int32 = 0
            unsafe waitpid(pid, &status, 0)
            let signal = status & 0x7f
            exit = signal == 0 ? .code(status >> 8 & 0xff) : .signal(signal)
        }
        try? Reaper.shared.get().sessionEnded(pid)
    }
}
