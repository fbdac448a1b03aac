import Foundation
import Synchronization

/// The standard input of a child: a file, or our end of a stream.
final class ChildInput: Sendable {
    private let ours: Mutex<Descriptor?>
    private let theirs: Mutex<Descriptor?>

    init(_ input: ChildProcess.Input, in files: TemporaryDirectory) throws {
        switch input {
        case .nothing:
            theirs = Mutex(try Descriptor(opening: "/dev/null", writing: false))
            ours = Mutex(nil)
        case .bytes(let bytes):
            let path = try files.write("", to: "stdin")
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            theirs = Mutex(try Descriptor(opening: path, writing: false))
            ours = Mutex(nil)
            try FileManager.default.removeItem(atPath: path)
        case .pipe:
            let (near, far) = try Descriptor.pair()
            theirs = Mutex(far)
            ours = Mutex(near)
        }
    }

    /// Lends the child's end to `start`, then closes our copy, so that the child's is the last.
    func handOver<Result>(_ start: (Int32) throws -> Result) throws -> Result {
        guard let descriptor = theirs.withLock({ $0.take() }) else {
            throw PartFailure("the standard input was handed over before")
        }
        return try withExtendedLifetime(descriptor) { try start(descriptor.number) }
    }

    func write(_ bytes: [UInt8]) throws {
        guard let end = ours.withLock({ $0 }) else {
            throw PartFailure("the standard input of this process is not an open pipe")
        }
        try end.send(bytes)
    }

    func close() { ours.withLock { $0 = nil } }
}
