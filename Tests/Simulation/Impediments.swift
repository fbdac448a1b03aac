import Synchronization

/// What kept secrets from rotating, and when: outages of systems, and what people did.
final class Impediments: Sendable {
    /// A time in which something was in the way.
    struct Span: Sendable {
        let kind: String
        let from: Double
        var to: Double
    }

    private let spans = Mutex<[String: [Span]]>([:])

    /// `place` is a system, or a secret's name.
    func begin(_ kind: String, at place: String, _ elapsed: Double) {
        spans.withLock {
            $0[place, default: []].append(Span(kind: kind, from: elapsed, to: .infinity))
        }
    }

    /// Ends the last one of the kind there, if it goes on.
    func end(_ kind: String, at place: String, _ elapsed: Double) {
        spans.withLock { spans in
            let index = spans[place]?.lastIndex { $0.kind == kind && $0.to == .infinity }
            guard let index else { return }
            spans[place]?[index].to = elapsed
        }
    }

    func isOpen(_ kind: String, at place: String) -> Bool {
        spans.withLock { spans in
            spans[place]?.contains { $0.kind == kind && $0.to == .infinity } == true
        }
    }

    /// What was in the way at any of these places, in order.
    func between(_ from: Double, _ to: Double, at places: [String]) -> [Span] {
        let all = spans.withLock { spans in places.flatMap { spans[$0] ?? [] } }
        return all.filter { $0.from < to && $0.to > from }.sorted { $0.from < $1.from }
    }

    /// The longest time in which nothing was in the way.
    func longestClear(_ from: Double, _ to: Double, at places: [String]) -> Double {
        var (clearSince, longest) = (from, 0.0)
        for span in between(from, to, at: places) {
            longest = max(longest, span.from - clearSince)
            clearSince = max(clearSince, span.to)
        }
        return max(longest, to - clearSince)
    }
}
