import Foundation
import Glibc
import PortConformance
import RekeyCore
import RekeyPorts
import SQLiteJournal
import Testing

@Suite(.serialized) struct `A SQLite journal whose process is killed` {
    @Test(.timeLimit(.minutes(2)))
    func `holds whole commits, and all that were answered`() async throws {
        let folder = try JournalFolder()
        for (round, count) in [1, 7, 40, 150, 23, 400].enumerated() {
            let worker = BusyWorker(
                round: round,
                countToLive: count,
                journal: folder.journal,
                answers: folder.file("answers-\(round)")
            )
            await #expect(processExitsWith: .signal(SIGKILL)) { [worker = worker as BusyWorker] in
                try await worker.workUntilKilled()
            }
            try await expectWholeCommits(in: folder, round: round)
        }
        #expect(try JournalCheck(of: folder.journal).integrity == "ok")
        #expect(try JournalCheck(of: folder.journal).brokenReferences == 0)
    }

    @Test func `refuses all work after an error of the disk, until it is opened again`()
        async throws
    {
        let folder = try JournalFolder()
        let path = folder.journal
        let worker = BusyWorker(round: 0, countToLive: 0, journal: path, answers: "")
        await #expect(processExitsWith: .success) { [worker = worker as BusyWorker] in
            try await worker.expectRefusalWhenFilesCannotGrow()
        }
        let journal = try SQLiteJournal.open(path: path, clock: SetClock())
        #expect(try await journal.reader.outbox(limit: 9).map(\.event).first == "before")
        #expect(try await journal.reader.outbox(limit: 9).contains { $0.event == "after" } == false)
        try await journal.close()
        #expect(try JournalCheck(of: path).integrity == "ok")
    }

    private func expectWholeCommits(in folder: JournalFolder, round: Int) async throws {
        let journal = try SQLiteJournal.open(path: folder.journal, clock: SetClock())
        let ids = try await journal.reader.rotations(RotationQuery(limit: .max)).map(\.id)
        let outbox = Set(try await journal.reader.outbox(limit: .max).map(\.event.text))
        let inbox = Set(try await journal.reader.inbox(limit: .max).map(\.id.event.text))
        for id in ids {
            #expect(outbox.contains(id.text))
            #expect(!inbox.contains(id.text))
            #expect(try await journal.reader.history(of: id).count == 2)
        }
        #expect(outbox.count == ids.count)
        let answered = try String(contentsOfFile: folder.file("answers-\(round)"), encoding: .utf8)
        let lines = answered.split(separator: "\n")
        #expect(!lines.isEmpty)
        #expect(Set(ids.map(\.text)).isSuperset(of: lines.map { String($0) }))
        try await journal.close()
    }
}
