import Foundation
import RekeyCore
import RekeyPorts
import Testing

extension VaultConformance {
    /// The most of each that Key Vault takes, which no vault of ours exceeds.
    private static let valueByteLimit = 25 * 1024
    private static let tagLimit = 15
    private static let absentVersion: VersionID = "0123456789abcdef0123456789abcdef"

    static let reading: [VaultConformance] = [
        VaultConformance("has nothing where nothing was written") { vault, name in
            let latest = try await vault.latest(name)
            #expect(latest == nil)
            let version = try await vault.version(absentVersion, of: name)
            #expect(version == nil)
        },
        VaultConformance("gives back what was written") { vault, name in
            let expires = Date(timeIntervalSince1970: 2_000_000_000)
            let entry = VaultEntry(
                value: Secret(sample: "one"),
                expires: expires,
                contentType: "text/plain",
                tags: ["rekey-seq": "1", "team": "orders"]
            )
            let id = try await vault.write(entry, as: name)
            let latest = try #require(try await vault.latest(name))
            #expect(latest.id == id)
            #expect(latest.holds("one"))
            #expect(latest.isEnabled)
            #expect(latest.expires == expires)
            #expect(latest.contentType == "text/plain")
            #expect(latest.tags == entry.tags)
            #expect(latest.created != nil)
        },
        VaultConformance("keeps every byte of a value") { vault, name in
            let value = "\"q\\b/\u{1}\n\t\u{7F} é 漢 \u{1F511} {\"a\":[1]} CfDJ8 %41&="
            _ = try await vault.write(VaultEntry(value: Secret(sample: value)), as: name)
            let latest = try #require(try await vault.latest(name))
            #expect(latest.holds(value))
        },
        VaultConformance("keeps earlier versions readable by their ids") { vault, name in
            let first = try await vault.write(VaultEntry(value: Secret(sample: "1")), as: name)
            _ = try await vault.write(VaultEntry(value: Secret(sample: "2")), as: name)
            let version = try #require(try await vault.version(first, of: name))
            #expect(version.id == first)
            #expect(version.holds("1"))
        },
        VaultConformance("finds nothing against writing a new name") { vault, name in
            let findings = try await vault.preflight(name)
            #expect(!findings.contains { $0.severity == .problem })
            let latest = try await vault.latest(name)
            #expect(latest == nil)
        },
    ]

    static let writing: [VaultConformance] = [
        VaultConformance("makes a version of each write, the same value or not") { vault, name in
            var ids: Set<VersionID> = []
            for text in ["same", "same", "other"] {
                let entry = VaultEntry(value: Secret(sample: text))
                let id = try await vault.write(entry, as: name)
                ids.insert(id)
                #expect(try await vault.latest(name)?.id == id)
            }
            #expect(ids.count == 3)
        },
        VaultConformance("inherits nothing from the version before") { vault, name in
            let full = VaultEntry(
                value: Secret(sample: "1"),
                expires: Date(timeIntervalSince1970: 2_000_000_000),
                contentType: "text/plain",
                tags: ["rekey-seq": "1"]
            )
            _ = try await vault.write(full, as: name)
            _ = try await vault.write(VaultEntry(value: Secret(sample: "2")), as: name)
            let latest = try #require(try await vault.latest(name))
            #expect(latest.tags.isEmpty)
            #expect(latest.expires == nil)
            #expect(latest.contentType == nil)
        },
        VaultConformance("takes the longest value and refuses a longer one") { vault, name in
            let longest = String(repeating: "x", count: valueByteLimit)
            let id = try await vault.write(VaultEntry(value: Secret(sample: longest)), as: name)
            let longer = VaultEntry(value: Secret(sample: longest + "x"))
            await #expect(throws: StepFailure.self) { try await vault.write(longer, as: name) }
            #expect(try await vault.latest(name)?.id == id)
        },
        VaultConformance("refuses more tags than fit, and writes nothing") { vault, name in
            let tags = (0...tagLimit).map { ("tag-\($0)", "x") }
            let entry = VaultEntry(
                value: Secret(sample: "1"),
                tags: Dictionary(uniqueKeysWithValues: tags)
            )
            let failure = await #expect(throws: StepFailure.self) {
                try await vault.write(entry, as: name)
            }
            #expect(failure?.kind == .permanent)
            let latest = try await vault.latest(name)
            #expect(latest == nil)
        },
        VaultConformance("keeps what writers at once wrote") { vault, name in
            let ids = try await withThrowingTaskGroup(of: VersionID.self) { group in
                for number in 0..<4 {
                    let entry = VaultEntry(value: Secret(sample: "\(number)"))
                    group.addTask { try await vault.write(entry, as: name) }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(ids.count == 4)
            let latest = try #require(try await vault.latest(name))
            #expect(ids.contains(latest.id))
            for id in ids { #expect(try await vault.version(id, of: name)?.value != nil) }
        },
    ]

    static let disabling: [VaultConformance] = [
        VaultConformance("keeps a disabled version's value to itself") { vault, name in
            let first = try await vault.write(VaultEntry(value: Secret(sample: "1")), as: name)
            let second = try await vault.write(VaultEntry(value: Secret(sample: "2")), as: name)
            try await vault.disable(first, of: name)
            try await vault.disable(first, of: name)
            let disabled = try #require(try await vault.version(first, of: name))
            #expect(!disabled.isEnabled)
            #expect(disabled.value == nil)
            let latest = try #require(try await vault.latest(name))
            #expect(latest.id == second)
            #expect(latest.holds("2"))
        },
        // Key Vault does not fall back, so "disable the latest" is no way to restore (rule 6).
        VaultConformance("does not fall back from a disabled latest version") { vault, name in
            let first = try await vault.write(VaultEntry(value: Secret(sample: "1")), as: name)
            let second = try await vault.write(VaultEntry(value: Secret(sample: "2")), as: name)
            try await vault.disable(second, of: name)
            let latest = try #require(try await vault.latest(name))
            #expect(!latest.isEnabled)
            #expect(latest.value == nil)
            #expect(latest.id != first)
            _ = try await vault.write(VaultEntry(value: Secret(sample: "1")), as: name)
            #expect(try await vault.latest(name)?.holds("1") == true)
        },
        VaultConformance("refuses to disable what is not there") { vault, name in
            let failure = await #expect(throws: StepFailure.self) {
                try await vault.disable(absentVersion, of: name)
            }
            #expect(failure?.kind == .permanent)
        },
    ]

    static let retagging: [VaultConformance] = [
        VaultConformance("replaces a version's tags, and makes no other") { vault, name in
            guard let vault = vault as? any RetaggingVault else { return }
            let entry = VaultEntry(value: Secret(sample: "1"), tags: ["team": "a", "old": "b"])
            let only = try await vault.write(entry, as: name)
            for _ in 0..<2 { try await vault.retag(only, of: name, with: ["team": "c"]) }
            let latest = try #require(try await vault.latest(name))
            #expect(latest.id == only)
            #expect(latest.tags == ["team": "c"])
            #expect(latest.isEnabled)
            #expect(latest.holds("1"))
            let failure = await #expect(throws: StepFailure.self) {
                try await vault.retag(absentVersion, of: name, with: [:])
            }
            #expect(failure?.kind == .permanent)
        }
    ]
}
