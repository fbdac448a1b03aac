/// Durations as people write them: `30d`, `12h`, `15m`, `5s`, `500ms`.
enum DurationText {
    private static let units: [(name: String, seconds: Double)] = [
        ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1), ("ms", 0.001),
    ]
    /// More digits would be a mistake in any unit.
    private static let digitLimit = 9

    static func seconds(_ text: String) -> Double? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let name = text.dropFirst(digits.count)
        guard digits.count <= digitLimit, let number = Int(digits),
            let unit = units.first(where: { $0.name == name })
        else { return nil }
        return Double(number) * unit.seconds
    }

    static func text(_ seconds: Double) -> String {
        guard seconds > 0 else { return "0s" }
        let unit = units.first { seconds >= $0.seconds && isWhole(seconds / $0.seconds) }
        guard let unit else { return "\(seconds)s" }
        return "\(Int((seconds / unit.seconds).rounded()))\(unit.name)"
    }

    private static func isWhole(_ number: Double) -> Bool {
        abs(number - number.rounded()) < 1e-9
    }
}
