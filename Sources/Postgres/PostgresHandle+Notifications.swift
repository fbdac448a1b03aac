import CPostgres
import Glibc

extension PostgresHandle {
    /// The payloads of what `LISTEN` brought, as soon as there is any; empty when the time is up.
    ///
    /// A lost connection is closed.
    mutating func notifications(
        until deadline: ContinuousClock.Instant,
        _ wait: PostgresWait
    ) throws(PostgresFailure) -> [String] {
        do throws(PostgresFailure) {
            return try awaitNotifications(until: deadline, wait)
        } catch {
            close()
            throw error
        }
    }

    private func awaitNotifications(
        until deadline: ContinuousClock.Instant,
        _ wait: PostgresWait
    ) throws(PostgresFailure) -> [String] {
        let label = "PQnotifies"
        return try unsafe withConnection(label) { connection throws(PostgresFailure) in
            while true {
                var payloads: [String] = []
                guard unsafe PQconsumeInput(connection) == 1 else {
                    throw PostgresFailure(label, .beforeSend, .connectionLost)
                }
                while let notice = unsafe PQnotifies(connection) {
                    if let extra = unsafe notice.pointee.extra {
                        payloads.append(unsafe String(cString: extra))
                    }
                    unsafe PQfreemem(notice)
                }
                guard payloads.isEmpty else { return payloads }
                switch wait.wait(for: unsafe PQsocket(connection), POLLIN, until: deadline) {
                case .ready: break
                case .timedOut: return []
                case .interrupted: throw PostgresFailure(label, .beforeSend, .cancelled)
                }
            }
        }
    }
}
