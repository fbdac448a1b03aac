import Foundation
import Glibc
import PortConformance
import RekeyCore
import RekeyPorts
import SQLiteJournal
import Synchronization
import Testing

/// Commits without end, in a process of its own, and notes each commit that was answered.
struct BusyWorker: Codable, Sendable {
    let round: Int
    /// How many commits are answered before it kills itself, with others under way.
    let countToLive: Int
    let journal: String
    let answers: String

    func workUntilKilled() async throws {
        let clock = SetClock()
        let journal = try SQLiteJournal.open(path: journal, clock: clock)
        let notes = unsafe open(answers, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let count = Counter()
        try await withThrowingTaskGroup { group in
            for task in 0..<16 {
                group.addTask {
                    for number in 0... {
                        let id = "\(round)-\(task)-\(number)"
                        try await step(id, in: journal, at: clock.now)
                        let line = Array("\(id)\n".utf8)
                        _ = unsafe write(notes, line, line.count)
                        let answered = count.next()
                        if answered == countToLive { kill(getpid(), SIGKILL) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Writes "before", and then cannot, though the disk is there again.
    func expectRefusalWhenFilesCannotGrow() async throws {
        let clock = SetClock()
        let journal = try SQLiteJournal.open(path: journal, clock: clock)
        try await journal.commit([.enqueue(Sample.row("before", at: clock.now))], under: nil)
        // A write beyond the limit fails with EFBIG, which SQLite takes for a broken disk.
        _ = signal(SIGXFSZ, SIG_IGN)
        try limitFiles(to: 4_096)
        await expectRefusal("during", by: journal)
        try limitFiles(to: .max)
        await expectRefusal("after", by: journal)
    }

    private func step(_ id: String, in journal: SQLiteJournal, at date: Date) async throws {
        let rotation = RotationID(id)
        let entry = Sample.entry(EventID(id), rotation: rotation, at: date)
        _ = try await journal.receive([entry])
        let (event, state) = try Sample.accepted(rotation, at: date)
        let (event2, state2) = Sample.event(after: state, at: date)
        let row = Sample.row(EventID(id), rotation: rotation, at: date)
        try await journal.commit(
            [
                .append(event, state: state), .enqueue(row), .handled(entry.id),
                .append(event2, state: state2),
            ],
            under: nil
        )
    }

    private func limitFiles(to bytes: rlim_t) throws {
        // RLIM_INFINITY, which Swift does not import, is the largest value.
        var limit = rlimit(rlim_cur: bytes, rlim_max: .max)
        let code = unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        try #require(code == 0)
    }

    private func expectRefusal(_ event: EventID, by journal: SQLiteJournal) async {
        let row = Sample.row(event, at: SetClock().now)
        await #expect {
            try await journal.commit([.enqueue(row)], under: nil)
        } throws: { error in
            guard case JournalFailure.ended(let what) = error else { return false }
            return what.contains("SQLITE_IOERR") && what.contains("restart rekey")
        }
        // By which a gateway says whether the worker is ready.
        await #expect {
            try await journal.reader.counts()
        } throws: { error in
            if case JournalFailure.ended = error { true } else { false }
        }
    }
}

/// Counts from 1, whoever asks.
private final class Counter: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
