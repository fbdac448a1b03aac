import RekeyCore

extension SessionOrigin {
    /// PostgreSQL cuts an `application_name` off after this many bytes.
    private static let nameByteLimit = 63

    init?(_ section: Section) {
        let name = section.text("applicationName")
        if let name, name.utf8.count > Self.nameByteLimit || !name.utf8.allSatisfy({ $0 < 0x80 }) {
            section.add("expected at most 63 ASCII characters", at: "applicationName")
        }
        let addresses = section.texts("from")
        if !addresses.allSatisfy(Self.isAddress) {
            section.add("expected addresses or ranges such as 10.1.0.0/16", at: "from")
        }
        if !section.has("applicationName"), !section.has("from") {
            section.findings.add("name `applicationName`, `from` or both", at: section.place)
        }
        section.finish()
        guard name != nil || !addresses.isEmpty else { return nil }
        self.init(applicationName: name, addresses: addresses)
    }

    /// Whether a text is an IPv4 or IPv6 address, or a range of them.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isSix = parts[0].contains(":")
        if parts.count == 2 {
            let most = isSix ? 128 : 32
            guard let length = Int(parts[1]), (0...most).contains(length) else { return false }
        }
        guard !isSix else {
            let groups = parts[0].split(separator: ":", omittingEmptySubsequences: false)
            let isShort = parts[0].contains("::")
            return groups.count <= 9 && (isShort || groups.count == 8)
                && groups.allSatisfy { $0.count <= 4 && $0.allSatisfy(\.isHexDigit) }
        }
        let bytes = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        return bytes.count == 4 && bytes.allSatisfy { UInt8($0) != nil }
    }
}
