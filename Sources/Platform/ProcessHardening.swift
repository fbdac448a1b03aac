import COpenSSL
import Glibc

/// Keeps this process's memory, and so its secrets, out of files.
package enum ProcessHardening {
    /// A measure that could not be taken.
    package struct Failure: Equatable, Sendable, CustomStringConvertible {
        package let measure: String

        /// The `errno` of the call.
        package let code: Int32

        package var description: String { "\(measure): \(code)" }
    }

    /// Forbids core dumps, and reading this process's memory by others of the same user.
    ///
    /// It takes every measure that it can, and returns those that failed. Repeating it does
    /// nothing more. Child processes inherit the limit, and not the other.
    package static func apply() -> [Failure] {
        var failures: [Failure] = []
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        if unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) != 0 {
            failures.append(Failure(measure: "setrlimit(RLIMIT_CORE)", code: errno))
        }
        if rekey_forbid_dumps() != 0 {
            failures.append(Failure(measure: "prctl(PR_SET_DUMPABLE)", code: errno))
        }
        return failures
    }

    /// Whether the kernel would write this process's memory to a core file.
    package static var allowsDumps: Bool { rekey_are_dumps_allowed() != 0 }
}
