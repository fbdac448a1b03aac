import RekeyPorts
import RekeyPostgres

/// The connection for reading, opened again when it was lost.
actor ReadingLink {
    private let session: JournalSession
    private var connection: PostgresConnection?

    init(_ session: JournalSession) { self.session = session }

    /// The rows of each call; reading changes nothing, so what got no answer is asked once more.
    func read(_ calls: [PostgresCall]) async throws(JournalFailure) -> [[[String?]]] {
        var isRepeated = false
        while true {
            let connection = try await connected()
            do throws(PostgresFailure) {
                return try await connection.perform { (link) throws(PostgresFailure) in
                    try link.pipeline(calls, isOpenEnded: true)
                }
            } catch {
                guard error.phase != .answered, !isRepeated else {
                    throw JournalFailure(error, at: session.settings.place)
                }
                isRepeated = true
            }
        }
    }

    func close() async {
        await connection?.close()
        connection = nil
    }

    private func connected() async throws(JournalFailure) -> PostgresConnection {
        if let connection, await connection.isOpen { return connection }
        let made = try await session.open(.reading)
        connection = made
        return made
    }
}
