/// A journal that several workers have open at once.
package protocol SharedJournal: Journal {
    /// Gives a sign of life to the other workers, takes over what one that gives none has left, and
    /// answers what may be left to do now: at once where it took something over, or when another
    /// worker hints at it, or after a short while.
    ///
    /// One task calls it again and again, for as long as the worker works. Hints may get lost.
    func awaitWork() async throws(JournalFailure) -> SharedWork

    /// Leaves what is unfinished to the other workers at once; later calls are refused.
    func close() async
}

/// What a worker of a shared journal should look at once more.
package enum SharedWork: Sendable, Equatable {
    /// The outbox and the timers.
    case rows
    /// The inbox too, which has entries that another worker received.
    case inbox
}
