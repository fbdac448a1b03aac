import Foundation
import Glibc
import Synchronization

/// Keeps the input that is being tried in a file, and ends the process when it takes too long.
///
/// Whatever ends the process, the file holds the input that did it.
final class Watch: Sendable {
    /// A parser takes microseconds; a busy machine may stop the whole process for a while.
    static let patienceSeconds = 20.0
    static let hangStatus: Int32 = 75

    /// When the current input began, in seconds since the machine's start, or 0 between inputs.
    private let begun = Mutex(0.0)

    private let file: FileHandle?
    private let patienceSeconds: Double

    /// Without a path the input is not kept.
    init(keepingIn path: String?, patienceSeconds: Double) throws {
        self.patienceSeconds = patienceSeconds
        guard let path else {
            file = nil
            return
        }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw BrokenPromise("\(path) cannot be written") }
        self.file = file
    }

    func begin(_ input: [UInt8]) throws {
        try file?.truncate(atOffset: 0)
        try file?.write(contentsOf: Data(input))
        begun.withLock { $0 = ProcessInfo.processInfo.systemUptime }
    }

    func end() { begun.withLock { $0 = 0 } }

    /// Looks from a thread of its own, which a loop in a parser cannot stop.
    func start() {
        let thread = Thread { [self] in
            while true {
                Thread.sleep(forTimeInterval: 0.25)
                let begun = begun.withLock { $0 }
                guard begun > 0 else { continue }
                let seconds = ProcessInfo.processInfo.systemUptime - begun
                if seconds > patienceSeconds {
                    FileHandle.standardError.write(Data("the input takes too long\n".utf8))
                    _exit(Self.hangStatus)
                }
            }
        }
        thread.start()
    }
}
