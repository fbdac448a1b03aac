import RekeyPorts

/// How often a decision is made where others keep changing what it is made of.
///
/// What fails then is work that the scheduler repeats, or a look of the sweeper, which looks again
/// by itself.
private let decisionsAtMost = 4

extension Journal {
    /// Makes a decision, and makes it anew where another writer replaced what it was made of.
    ///
    /// All that `decide` reads it reads itself, and its commit comes last: where that is a conflict
    /// nothing of it was written. What it reads first of a credential's record is what it changes.
    func redeciding<Value>(
        _ decide: () async throws -> Value
    ) async throws -> Value {
        for _ in 1..<decisionsAtMost {
            do { return try await decide() } catch JournalFailure.conflict { continue }
        }
        return try await decide()
    }
}

/// Does the work of an inbox entry, and nothing where somebody else has done it.
///
/// The commit that was to handle the entry is then refused: made after all, it would repeat an
/// order behind whatever was decided since.
func unlessGone<Value>(_ done: Value, _ work: () async throws -> Value) async throws -> Value {
    do { return try await work() } catch JournalFailure.gone { return done }
}
