import RekeyCore

extension CrossChecks {
    /// A document is one secret's: a version's tags and its expiry do not say of which they are.
    ///
    /// Of one secret two carriers may be two fields of a document, but not the same one twice.
    func checkCarriers(_ entries: [SecretEntry]) {
        var owners: [Document: Int] = [:]
        var formats: [Document: [ValueFormat]] = [:]
        for (index, entry) in entries.enumerated() {
            for carrier in entry.definition.carriers {
                let document = document(of: carrier.reference)
                if owners[document, default: index] != index {
                    let problem =
                        "an earlier secret is in the same vault secret, and tags and expiry are "
                        + "of the whole: give each its own"
                    entry.section.add(problem, at: entry.carrierKey)
                } else if formats[document, default: []].contains(where: {
                    overlap($0, carrier.format)
                }) {
                    entry.section.add("an earlier carrier is the same field", at: entry.carrierKey)
                }
                owners[document] = owners[document] ?? index
                formats[document, default: []].append(carrier.format)
            }
        }
        checkStagedNames(entries)
    }

    /// Where candidates are staged nothing else may stand.
    private func checkStagedNames(_ entries: [SecretEntry]) {
        let staged = Set(entries.map { document(of: $0.definition.staging) })
        for entry in entries
        where entry.definition.carriers.contains(where: {
            staged.contains(document(of: $0.reference))
        }) {
            let problem = "candidates are staged under this name: use another"
            entry.section.add(problem, at: entry.carrierKey)
        }
    }

    private func overlap(_ left: ValueFormat, _ right: ValueFormat) -> Bool {
        if case .json(let left, _) = left, case .json(let right, _) = right { return left == right }
        return true
    }

    /// One secret of a vault, whatever the file calls that vault, and however it spells the name.
    private struct Document: Hashable {
        let vault: String
        let name: String
    }

    private func document(of reference: SecretReference) -> Document {
        var vault = context.vaults[reference.vault.text]?.url ?? reference.vault.text
        while vault.hasSuffix("/") { vault.removeLast() }
        return Document(vault: vault.lowercased(), name: reference.name.text.lowercased())
    }
}
