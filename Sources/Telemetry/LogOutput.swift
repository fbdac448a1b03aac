import Glibc
import Synchronization

/// Where finished log lines go.
package struct LogOutput: Sendable {
    private let take: @Sendable (String) -> Void

    /// `take` is given whole lines without their line feed, from any thread.
    package init(_ take: @escaping @Sendable (String) -> Void) { self.take = take }

    func write(_ line: String) { take(line) }

    /// Standard error, one line at a time.
    ///
    /// A reader that went away is no reason to stop.
    package static let standardError: LogOutput = {
        let turn = Mutex(())
        return LogOutput { line in
            let bytes = Array((line + "\n").utf8)
            turn.withLock { _ in
                var offset = 0
                while offset < bytes.count {
                    let rest = bytes[offset...]
                    let count = unsafe rest.withUnsafeBytes { buffer in
                        unsafe Glibc.write(STDERR_FILENO, buffer.baseAddress, buffer.count)
                    }
                    if count > 0 { offset += count } else if errno != EINTR { return }
                }
            }
        }
    }()
}
