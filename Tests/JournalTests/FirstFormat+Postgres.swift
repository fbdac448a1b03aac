import Foundation

extension FirstFormat {
    /// The SQL that leaves a schema as a Rekey of that time left it after `count` events.
    func postgres(_ schema: String, after count: Int) throws -> String {
        let isWhole = count == events.count
        let (entry, row, at) = (FirstFormatBoxes.entry, FirstFormatBoxes.row, FirstFormatBoxes.at)
        var lines = [
            "CREATE SCHEMA \(schema);", try Self.tables("postgres"),
            "INSERT INTO journal VALUES ('format', '1'), ('id', 'first-journal');",
            // Its heartbeat is long ago.
            "INSERT INTO replicas VALUES ('first-replica', 1, 9);",
            """
            INSERT INTO rotations
                (id, credential, number, is_open, state, state_number, head)
            VALUES ('\(rotation)', '\(credential)', \(count), \(!isWhole || isOpen), NULL, 0,
                '\\x\(digests[count - 1])');
            """,
        ]
        for index in 0..<count {
            let (event, digest) = (hex(events[index]), digests[index])
            lines.append("INSERT INTO events VALUES (1, \(index + 1), \(event), '\\x\(digest)');")
        }
        lines.append("INSERT INTO credentials VALUES ('\(credential)', \(hex(record)), 1, NULL);")
        lines += debts.map {
            "INSERT INTO debts VALUES ('\(credential)', '\($0.account)', \(hex($0.debt)), "
                + "\($0.isPaid));"
        }
        lines += handled.map {
            "INSERT INTO handled VALUES ('\($0.lane)', '\($0.event)', \($0.at));"
        }
        lines += announced.map { "INSERT INTO announced VALUES ('\($0.event)', \($0.at));" }
        lines += [
            """
            INSERT INTO inbox (lane, event, type, body, user_id, is_urgent, received_at, replica)
            VALUES ('\(entry.lane)', '\(entry.event)', '\(entry.type)', \(hex("{}")), 'crm', false,
                \(at), 'first-replica');
            """,
            """
            INSERT INTO outbox
                (event, type, rotation, body, must_arrive, is_urgent, created_at, replica)
            VALUES ('\(row.event)', '\(row.type)', '\(rotation)', \(hex("{}")), true, false, \(at),
                'first-replica');
            """,
            "INSERT INTO timers VALUES ('\(rotation)', 'retire', \(at), true);",
        ]
        return lines.joined(separator: "\n")
    }

    private func hex(_ text: String) -> String {
        "'\\x" + text.utf8.map { String(format: "%02x", $0) }.joined() + "'"
    }
}
