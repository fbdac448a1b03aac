import Glibc
import RekeyCore

/// A file to which lines are added, such as the name of each call as it was made.
struct Trace: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StepFailure(.permanent, "cannot write \(path)") }
    }

    func add(_ name: String) {
        let line = Array("\(name)\n".utf8)
        // What is not written is missing from the points, and the sweep then says so.
        _ = unsafe line.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }
}
