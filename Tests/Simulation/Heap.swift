/// Things in the order of their times; those of one time in the order in which they came.
struct Heap<Thing: Sendable>: Sendable {
    private struct Entry: Sendable {
        let at: Double
        let number: Int
        let thing: Thing

        func comes(before other: Entry) -> Bool {
            (at, number) < (other.at, other.number)
        }
    }

    private var entries: [Entry] = []
    private var count = 0

    var first: (at: Double, thing: Thing)? { entries.first.map { ($0.at, $0.thing) } }

    mutating func insert(_ thing: Thing, at: Double) {
        count += 1
        entries.append(Entry(at: at, number: count, thing: thing))
        var place = entries.count - 1
        while place > 0, entries[place].comes(before: entries[(place - 1) / 2]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    @discardableResult
    mutating func removeFirst() -> Thing? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return first.thing }
        entries[0] = last
        var place = 0
        while true {
            var least = 2 * place + 1
            guard least < entries.count else { return first.thing }
            if least + 1 < entries.count, entries[least + 1].comes(before: entries[least]) {
                least += 1
            }
            guard entries[least].comes(before: entries[place]) else { return first.thing }
            entries.swapAt(place, least)
            place = least
        }
    }
}
