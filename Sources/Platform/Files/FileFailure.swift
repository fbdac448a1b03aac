import Glibc

/// A system call on a file that failed: its name, its error and the path.
package struct FileFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package let call: String

    /// The `errno` of the call.
    package let code: Int32
    package let path: String

    /// Takes `errno` with it, so it is made right after the call failed.
    init(_ call: String, _ path: String) {
        self.call = call
        code = errno
        self.path = path
    }

    init(_ call: String, _ path: String, code: Int32) {
        self.call = call
        self.code = code
        self.path = path
    }

    package var description: String {
        let text = unsafe String(cString: strerror(code))
        return "\(call): \(code) (\(text)) \(path)"
    }
}
