import Testing

/// Every row of a suite as a test of its own; a row that differs is checked as Rekey does it.
@Suite(.serialized, .timeLimit(.minutes(3))) struct `AWS's step contract` {
    @Test(arguments: AWSRows.all)
    func `holds, or is broken on purpose`(row: BorrowedRow) async throws {
        try await row.check()
    }
}

@Suite(.serialized, .timeLimit(.minutes(3))) struct `What moto expects of staging labels` {
    @Test(arguments: StageRows.all)
    func `holds, or is broken on purpose`(row: BorrowedRow) async throws {
        try await row.check()
    }
}

@Suite(.serialized, .timeLimit(.minutes(3))) struct `What OpenBao expects of its log` {
    @Test(arguments: JournalRows.all)
    func `holds, or is broken on purpose`(row: BorrowedRow) async throws {
        try await row.check()
    }
}

@Suite(.serialized, .timeLimit(.minutes(3))) struct `What Microsoft's tools expect of due dates` {
    @Test(arguments: DueRows.all + ThresholdRows.all)
    func `holds, or is broken on purpose`(row: BorrowedRow) async throws {
        try await row.check()
    }
}

@Suite(.serialized, .timeLimit(.minutes(3))) struct `What Infisical expects of client secrets` {
    @Test(arguments: GraphRows.all)
    func `holds, or is broken on purpose`(row: BorrowedRow) async throws {
        try await row.check()
    }
}
