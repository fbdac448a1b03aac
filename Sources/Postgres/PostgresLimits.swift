/// How long a connection's parts may take, in seconds.
package struct PostgresLimits: Sendable, Equatable {
    /// From the first packet to a signed-in session; the name's look-up comes on top.
    package var connectSeconds: Double
    /// After this the server gives a statement up by itself (`statement_timeout`).
    package var statementSeconds: Double
    /// After this the server gives up waiting for a lock (`lock_timeout`).
    package var lockSeconds: Double
    /// After this the client gives up a call, of one statement or a transaction, and closes.
    package var callSeconds: Double

    package init(
        connectSeconds: Double = 5,
        statementSeconds: Double = 10,
        lockSeconds: Double = 5,
        callSeconds: Double = 15
    ) {
        self.connectSeconds = connectSeconds
        self.statementSeconds = statementSeconds
        self.lockSeconds = lockSeconds
        self.callSeconds = callSeconds
    }
}
