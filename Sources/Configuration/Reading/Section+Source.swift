import RekeyCore

extension Section {
    static let sourceRule =
        "expected env:NAME, file:/path or vault:VAULT/NAME; a secret itself does not belong here"

    /// The place of a secret.
    ///
    /// A literal is refused, and not quoted.
    func source(_ key: String) -> SecretSource? {
        guard let text = text(key) else { return nil }
        let rest = String(text.drop { $0 != ":" }.dropFirst())
        if text.hasPrefix("env:"), isVariable(rest) { return .environment(rest) }
        if text.hasPrefix("file:"), rest.hasPrefix("/") { return .file(rest) }
        if text.hasPrefix("vault:"), let reference = reference(rest) {
            guard findings.vaults.contains(reference.vault.text) else {
                add("no such vault under `vaults`", at: key)
                return nil
            }
            findings.note(source: reference)
            return .vault(reference)
        }
        add(Self.sourceRule, at: key)
        return nil
    }

    /// `VAULT/NAME`.
    func reference(_ text: String) -> SecretReference? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, Name.isValid(parts[0]), VaultEntryName.isValid(parts[1]) else {
            return nil
        }
        return SecretReference(vault: VaultName(parts[0]), name: SecretName(parts[1]))
    }

    private func isVariable(_ text: String) -> Bool {
        let isWord = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        return isWord && !text.isEmpty && text.first?.isNumber == false
    }
}

/// What Azure Key Vault takes as a secret's name.
enum VaultEntryName {
    static let lengthLimit = 127
    static let rule = "expected letters, digits and `-`, at most 127"

    static func isValid(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= lengthLimit
            && text.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-")
            }
    }
}
