package import RekeyCore

extension StepFailure {
    /// Maps a failure by how far the call had come and by the class of the server's code.
    ///
    /// A lost answer is `unknown`, unless the `COMMIT` had not been sent, or the call was one that
    /// only reads. `refusals` are codes, or classes of two characters, by which the target's policy
    /// rejects a value.
    package init(
        _ failure: PostgresFailure,
        onlyReads: Bool = false,
        refusals: Set<String> = []
    ) {
        let kind = Self.kind(of: failure, onlyReads: onlyReads, refusals: refusals)
        self.init(kind, failure.description)
    }

    private static func kind(
        of failure: PostgresFailure,
        onlyReads: Bool,
        refusals: Set<String>
    ) -> Kind {
        if failure.mayHaveTakenEffect, !onlyReads { return .unknown }
        switch failure.cause {
        case .timedOut, .cancelled, .connectionLost, .unreachable: return .transient
        case .untrusted, .unusable: return .permanent
        case .sqlState(let code):
            let isRefusal = refusals.contains(code) || refusals.contains(String(code.prefix(2)))
            if isRefusal, failure.phase == .answered { return .refused }
            return isPassing(code) ? .transient : .permanent
        }
    }

    /// Whether another attempt may go better (PostgreSQL documentation, appendix A).
    private static func isPassing(_ code: String) -> Bool {
        switch code.prefix(2) {
        // Connection, rollback by conflict, resources, operator's intervention, system error, and
        // internal error, which is also "tuple concurrently updated" of two ALTER ROLE.
        case "08", "40", "53", "57", "58", "XX": true
        // A lock that was not to be had in time.
        case "55": code == "55P03"
        // What else there is, the server's next version may add to: it stays as it is.
        default: false
        }
    }
}
