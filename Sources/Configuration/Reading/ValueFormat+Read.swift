import RekeyCore

extension ValueFormat {
    private static let plain: [String: ValueFormat] = [
        "bare": .bare, "ado": .ado, "jdbc": .jdbc, "url": .url, "redis": .redis,
    ]
    static let plainNames = ["bare", "ado", "jdbc", "url", "redis"]

    /// Reads `format`: a name, or a mapping with `json`, `jsonList` or `list`.
    init?(_ parent: Section) {
        if !parent.isMapping("format") {
            guard let name = parent.text("format") else { return nil }
            guard let format = Self.plain[name] else {
                let hint = Suggestion.nearest(to: name, among: Self.plainNames)
                    .map { "; did you mean `\($0)`?" }
                let known =
                    "\(words(Self.plainNames)) or a mapping with `json`, `jsonList` or `list`"
                parent.add("expected \(known)\(hint ?? "")", at: "format")
                return nil
            }
            self = format
            return
        }
        guard let section = parent.section("format") else { return nil }
        let format = Self.read(section)
        section.finish()
        guard let format else { return nil }
        self = format
    }

    private static func read(_ section: Section) -> Self? {
        let json = section.pointer("json")
        let account = section.pointer("account")
        let jsonList = section.pointer("jsonList")
        let list = section.choice("list", of: ListSeparator.self)
        let kinds = ["json", "jsonList", "list"].filter(section.has)
        guard kinds.count == 1 else {
            let problem = "expected exactly one of `json`, `jsonList`, `list`"
            section.findings.add(problem, at: section.place)
            return nil
        }
        if section.has("account"), kinds != ["json"] {
            section.add("only `json` names an account", at: "account")
        }
        if let json { return .json(secret: json, account: account) }
        return jsonList.map(Self.jsonList) ?? list.map { .list(separator: $0) }
    }
}

extension Section {
    /// An RFC 6901 pointer.
    fileprivate func pointer(_ key: String) -> String? {
        guard node(key) != nil, let text = text(key) else { return nil }
        guard JSONPointer(text) != nil else {
            add("expected an RFC 6901 pointer such as /password", at: key)
            return nil
        }
        return text
    }
}
