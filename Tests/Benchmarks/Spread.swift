/// The middle of several measurements, and how far they lie apart.
struct Spread: Encodable, Sendable, CustomStringConvertible {
    let median: Double
    let least: Double
    let most: Double

    /// - Precondition: There is at least one value.
    init(_ values: [Double]) {
        precondition(!values.isEmpty, "A spread needs a value.")
        let sorted = values.sorted()
        let upper = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2
        least = sorted[0]
        most = sorted[sorted.count - 1]
    }

    /// The value below which `share` of them lie.
    static func percentile(_ share: Double, of values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return 0 }
        let index = Int(share * Double(sorted.count))
        return index < sorted.count ? sorted[index] : last
    }

    var description: String {
        "\(median.rounded(to: 2)) (\(least.rounded(to: 2)) to \(most.rounded(to: 2)))"
    }
}

extension Double {
    func rounded(to digits: Int) -> Double {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
