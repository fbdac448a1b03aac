/// The publications of one channel that the broker has not answered, by sequence number.
///
/// Numbers count from 1 and start again with each channel. A return carries none: it comes before
/// the acknowledgement of the same publication, and is matched by message id.
struct ConfirmWindow<Slot> {
    struct Entry {
        let slot: Slot
        let messageID: String?
        let exchange: String
        let routingKey: String
        let byteCount: Int
        fileprivate(set) var writtenAt: ContinuousClock.Instant
        fileprivate(set) var isReturned = false
        fileprivate(set) var isSettled = false
    }

    private var entries: [Entry] = []
    /// Entries before it are settled, and are dropped in bulk.
    private var head = 0
    private var firstNumber: UInt64 = 1
    private(set) var count = 0
    private(set) var byteCount = 0

    /// Remembers the next publication, in the order of writing.
    mutating func append(
        _ slot: Slot,
        messageID: String?,
        exchange: String,
        routingKey: String,
        byteCount: Int,
        at instant: ContinuousClock.Instant
    ) {
        let entry = Entry(
            slot: slot,
            messageID: messageID,
            exchange: exchange,
            routingKey: routingKey,
            byteCount: byteCount,
            writtenAt: instant
        )
        entries.append(entry)
        count += 1
        self.byteCount += byteCount
    }

    /// When the one was written that has waited longest.
    var oldest: ContinuousClock.Instant? {
        head < entries.count ? entries[head].writtenAt : nil
    }

    /// Marks the first that matches as returned; its acknowledgement then means "not delivered".
    mutating func markReturned(messageID: String?, exchange: String, routingKey: String) {
        let match = entries.indices.dropFirst(head).first { index in
            let entry = entries[index]
            return !entry.isSettled && !entry.isReturned && entry.messageID == messageID
                && entry.exchange == exchange && entry.routingKey == routingKey
        }
        if let match { entries[match].isReturned = true }
    }

    /// Settles one, or all up to it, and calls `body` for each that was open.
    mutating func settle(_ number: UInt64, isMultiple: Bool, _ body: (Entry) -> Void) {
        guard number >= firstNumber else { return }
        let index = Int(number - firstNumber)
        guard index < entries.count else { return }
        for place in (isMultiple ? head : index)...max(index, head) {
            guard place <= index, !entries[place].isSettled else { continue }
            entries[place].isSettled = true
            count -= 1
            byteCount -= entries[place].byteCount
            body(entries[place])
        }
        while head < entries.count, entries[head].isSettled { head += 1 }
        compact()
    }

    /// Counts every wait from now.
    mutating func restartClock(at instant: ContinuousClock.Instant) {
        for index in entries.indices.dropFirst(head) { entries[index].writtenAt = instant }
    }

    /// Forgets all, and calls `body` for each that was open: the channel is gone.
    mutating func abandon(_ body: (Entry) -> Void) {
        for entry in entries.dropFirst(head) where !entry.isSettled { body(entry) }
        self = ConfirmWindow()
    }

    /// Moves the rest to the front once most are settled, so that each is moved about once.
    private mutating func compact() {
        guard head >= 64, head * 2 >= entries.count else { return }
        entries.removeFirst(head)
        firstNumber += UInt64(head)
        head = 0
    }
}
