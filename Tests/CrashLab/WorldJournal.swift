import Foundation
import InMemoryJournal
import RekeyCore
import RekeyPorts
import SQLiteJournal
import Synchronization

/// The journal of one world, as it outlives the workers.
final class WorldJournal: Sendable {
    private struct State {
        var journal: any Journal
        var path: String?
        var openings = 0
    }

    private let state: Mutex<State>
    private let clock: WorldClock
    private let executor: WorldExecutor
    private let folder: String?
    private let kind: JournalKind

    /// Opens a journal without anything in it.
    init(_ kind: JournalKind, clock: WorldClock, executor: WorldExecutor) throws {
        self.clock = clock
        self.executor = executor
        self.kind = kind
        guard kind != .memory else {
            folder = nil
            state = Mutex(State(journal: InMemoryJournal(clock: clock)))
            return
        }
        let folder = Self.temporaryFolder + "/rekey-lab-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        self.folder = folder
        let path = folder + "/journal-0"
        let journal = try SQLiteJournal.open(path: path, clock: clock)
        state = Mutex(State(journal: journal, path: path))
    }

    /// What a worker is given, and who looks from outside.
    var current: any Journal {
        let journal = state.withLock { $0.journal }
        return folder == nil ? journal : SettledJournal(base: journal, executor: executor)
    }

    var reader: any JournalReader { current.reader }

    /// Opens what a killed worker left: of a file the bytes that it had when it was killed.
    func reopen() async throws {
        let (journal, path, number) = state.withLock { state in
            state.openings += 1
            return (state.journal, state.path, state.openings)
        }
        if let journal = journal as? InMemoryJournal { return journal.reopen() }
        guard let path, let folder, let journal = journal as? SQLiteJournal else { return }
        let next = folder + "/journal-\(number)"
        for suffix in ["", "-wal", "-shm"]
        where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: next + suffix)
        }
        try await executor.alone { () async throws(JournalFailure) in try await journal.close() }
        if kind == .older { try OlderFile.make(of: next) }
        let opened = try SQLiteJournal.open(path: next, clock: clock)
        state.withLock { state in
            state.journal = opened
            state.path = next
        }
    }

    /// Closes it for good, and takes its files away.
    func remove() async throws {
        guard let folder else { return }
        if let journal = state.withLock({ $0.journal }) as? SQLiteJournal {
            try await executor.alone { () async throws(JournalFailure) in
                try await journal.close()
            }
        }
        try FileManager.default.removeItem(atPath: folder)
    }

    /// In memory where the system offers that: what counts is which bytes were written.
    private static let temporaryFolder: String = {
        let shared = "/dev/shm"
        return FileManager.default.isWritableFile(atPath: shared)
            ? shared : FileManager.default.temporaryDirectory.path
    }()
}
