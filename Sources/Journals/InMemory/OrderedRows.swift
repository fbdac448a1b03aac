/// Rows found by their name, and walked in the order in which they were added.
struct OrderedRows<Name: Hashable & Sendable, Row: Sendable>: Sendable {
    private var rows: [Name: (place: Int, row: Row)] = [:]
    /// A removed row leaves its name here until the next sweep.
    private var names: [Name?] = []

    var count: Int { rows.count }

    subscript(name: Name) -> Row? { rows[name]?.row }

    /// The rows in the order of their addition.
    var ordered: some Sequence<Row> {
        names.lazy.compactMap { name in name.flatMap { self[$0] } }
    }

    /// Adds a row at the end; a name that is there already changes nothing.
    mutating func add(_ row: Row, as name: Name) {
        guard rows[name] == nil else { return }
        rows[name] = (names.count, row)
        names.append(name)
    }

    mutating func remove(_ name: Name) {
        guard let (place, _) = rows.removeValue(forKey: name) else { return }
        names[place] = nil
        // Swept once the gaps outnumber the rows, so that a removal costs constant time.
        if names.count > 2 * rows.count + 16 { sweep() }
    }

    private mutating func sweep() {
        names = names.filter { $0 != nil }
        for (place, name) in names.enumerated() {
            guard let name, let row = rows[name]?.row else { continue }
            rows[name] = (place, row)
        }
    }
}
