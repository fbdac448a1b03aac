/// Names, labels and numbers as Prometheus' text format 0.0.4 wants them.
enum PrometheusText {
    /// `label` with `_` for whatever may not stand in a name.
    static func name(_ label: String) -> String {
        let scalars = label.unicodeScalars.enumerated().map { index, scalar -> Character in
            let isLetter = scalar.isASCII && scalar.properties.isAlphabetic
            let isDigit = scalar.isASCII && scalar.properties.numericType != nil
            let isKept = isLetter || scalar == "_" || scalar == ":" || (isDigit && index > 0)
            return isKept ? Character(scalar) : "_"
        }
        return String(scalars)
    }

    /// Sorted, and with `\`, `"` and line feeds escaped.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.sorted { $0.0 < $1.0 }.map { key, value in
            "\(name(key).replacing(":", with: "_"))=\"\(escaped(value))\""
        }.joined(separator: ",")
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n", "\r\n": result += "\\n"
            default: result.append(character)
            }
        }
    }
}
