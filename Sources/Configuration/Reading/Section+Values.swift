import Yams

extension Section {
    /// The longest text that any setting needs.
    static let textByteLimit = 4096

    /// One line of text.
    func text(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        return text(of: node, at: place(key))
    }

    func text(of node: Node, at place: Place) -> String? {
        guard let scalar = node.scalar else {
            findings.add("expected a single value", at: place)
            return nil
        }
        let text = scalar.string
        guard !text.isEmpty, text.utf8.count <= Self.textByteLimit,
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            findings.add("expected one line of text", at: place)
            return nil
        }
        return text
    }

    func texts(_ key: String) -> [String] {
        nodes(key).enumerated().compactMap { index, node in
            text(of: node, at: Place(node.mark, path: "\(path).\(key)[\(index)]"))
        }
    }

    func flag(_ key: String) -> Bool? {
        guard let text = text(key) else { return nil }
        switch text {
        case "true": return true
        case "false": return false
        default:
            add("expected true or false", at: key)
            return nil
        }
    }

    func integer(_ key: String, in limits: ClosedRange<Int>) -> Int? {
        guard let text = text(key) else { return nil }
        // YAML 1.1 reads a leading zero as octal, other readers do not.
        let hasLeadingZero = text.count > 1 && text.hasPrefix("0")
        guard let value = Int(text), !hasLeadingZero, limits.contains(value) else {
            add("expected a number from \(limits.lowerBound) to \(limits.upperBound)", at: key)
            return nil
        }
        return value
    }

    /// A duration in seconds.
    func duration(_ key: String, in limits: ClosedRange<Double>) -> Double? {
        guard let text = text(key) else { return nil }
        guard let seconds = DurationText.seconds(text) else {
            add("expected a duration such as 30d, 12h, 15m, 5s or 500ms", at: key)
            return nil
        }
        guard limits.contains(seconds) else {
            let (least, most) = (
                DurationText.text(limits.lowerBound), DurationText.text(limits.upperBound)
            )
            add("expected a duration from \(least) to \(most)", at: key)
            return nil
        }
        return seconds
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        of type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let text = text(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue)
            let hint =
                Suggestion.nearest(to: text, among: known)
                .map { "; did you mean `\($0)`?" } ?? ""
            add("expected one of \(words(known))\(hint)", at: key)
            return nil
        }
        return choice
    }

    /// An absolute path on this machine.
    func filePath(_ key: String) -> String? {
        guard let text = text(key) else { return nil }
        guard text.hasPrefix("/") else {
            add("expected an absolute path", at: key)
            return nil
        }
        return text
    }

    /// A name that the user gives.
    func name(_ key: String) -> String? {
        guard let text = text(key) else { return nil }
        guard Name.isValid(text) else {
            add("expected a name: \(Name.rule)", at: key)
            return nil
        }
        return text
    }

    /// A UUID, in lower case.
    func uuid(_ key: String) -> String? {
        text(key).flatMap { uuid($0, at: place(key)) }
    }

    /// A list of UUIDs, in lower case as Entra's tokens have them.
    func uuids(_ key: String) -> [String] {
        nodes(key).enumerated().compactMap { index, node in
            let place = Place(node.mark, path: "\(path).\(key)[\(index)]")
            return text(of: node, at: place).flatMap { uuid($0, at: place) }
        }
    }

    private func uuid(_ text: String, at place: Place) -> String? {
        let lower = text.lowercased()
        let groups = lower.split(separator: "-", omittingEmptySubsequences: false)
        let isHex = groups.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isHexDigit } }
        guard groups.map(\.count) == [8, 4, 4, 4, 12], isHex else {
            findings.add("expected a UUID", at: place)
            return nil
        }
        return lower
    }

    func url(_ key: String, schemes: [String], allowsQuery: Bool = false) -> WebAddress? {
        guard let text = text(key) else { return nil }
        return url(text, schemes: schemes, allowsQuery: allowsQuery, at: place(key))
    }

    func url(
        _ text: String,
        schemes: [String],
        allowsQuery: Bool = false,
        at place: Place
    ) -> WebAddress? {
        switch WebAddress.parse(text, schemes: schemes, allowsQuery: allowsQuery) {
        case .success(let address): return address
        case .failure(let problem):
            findings.add(problem.text, at: place)
            return nil
        }
    }

    /// Certificate and signing key, both or neither.
    func certificateFiles(_ certificateKey: String, _ signingKey: String) -> CertificateFiles? {
        let certificate = filePath(certificateKey)
        let signing = filePath(signingKey)
        if has(certificateKey) != has(signingKey) {
            findings.add("`\(certificateKey)` and `\(signingKey)` go together", at: place)
        }
        guard let certificate, let signing else { return nil }
        return CertificateFiles(certificate: certificate, signingKey: signing)
    }
}
