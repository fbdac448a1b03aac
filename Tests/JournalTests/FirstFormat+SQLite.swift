import Foundation
import GRDB

extension FirstFormat {
    /// A journal's file as a Rekey of that time left it after `count` events of the rotation.
    func writeSQLite(to path: String, after count: Int) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.inTransaction {
                try database.execute(sql: try Self.tables("sqlite"))
                try database.execute(sql: "PRAGMA application_id = \(0x526B_6579)")
                try database.execute(sql: "PRAGMA user_version = 1")
                try add(to: database, count)
                return .commit
            }
        }
        try queue.close()
    }

    private func add(to database: Database, _ count: Int) throws {
        func run(_ sql: String, _ arguments: StatementArguments) throws {
            try database.execute(sql: sql, arguments: arguments)
        }
        try run("INSERT INTO journal VALUES ('id', 'first-journal'), ('generation', '7')", [])
        let isWhole = count == events.count
        try run(
            "INSERT INTO rotations VALUES (1, ?, ?, ?, ?, ?, 0, ?)",
            [
                rotation, credential, count, !isWhole || isOpen, Data(),
                Self.bytes(digests[count - 1]),
            ]
        )
        for index in 0..<count {
            try run(
                "INSERT INTO events VALUES (1, ?, ?, ?)",
                [index + 1, Data(events[index].utf8), Self.bytes(digests[index])]
            )
        }
        try run("INSERT INTO credentials VALUES (?, ?)", [credential, Data(record.utf8)])
        for debt in debts {
            try run(
                "INSERT INTO debts VALUES (?, ?, ?, ?)",
                [credential, debt.account, Data(debt.debt.utf8), debt.isPaid]
            )
        }
        for done in handled {
            try run("INSERT INTO handled VALUES (?, ?, ?)", [done.lane, done.event, done.at])
        }
        for told in announced {
            try run("INSERT INTO announced VALUES (?, ?)", [told.event, told.at])
        }
        let (entry, row, at) = (FirstFormatBoxes.entry, FirstFormatBoxes.row, FirstFormatBoxes.at)
        try run(
            "INSERT INTO inbox VALUES (1, ?, ?, ?, NULL, ?, 'crm', 0, ?)",
            [entry.lane, entry.event, entry.type, Data("{}".utf8), at]
        )
        try run(
            "INSERT INTO outbox VALUES (1, ?, ?, ?, ?, 1, 0, ?)",
            [row.event, row.type, rotation, Data("{}".utf8), at]
        )
        try run("INSERT INTO timers VALUES (?, 'retire', ?, 1)", [rotation, at])
    }

    static func bytes(_ hexadecimal: String) -> Data {
        let digits = Array(hexadecimal)
        return Data(
            stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0..<($0 + 2)]), radix: 16)
            }
        )
    }
}
