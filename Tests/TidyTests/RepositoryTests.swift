import Testing

/// The house rules, held against every file there is.
@Suite struct `The repository` {
    @Test(
        arguments: [
            ("imports what the table says", ImportRules.table),
            ("keeps each C module to one module", ImportRules.cModules),
            ("holds no forbidden word", WordRules.forbidden),
            ("holds audited words where they are allowed", WordRules.audited),
            ("keeps files short", LengthRules.file),
            ("keeps functions short", LengthRules.function),
            ("keeps lines short", LengthRules.line),
            ("names folders for what they hold", NameRules.folder),
            ("names types for what they are", NameRules.type),
        ] as [(String, @Sendable (SourceFile) -> [Violation])]
    )
    func `keeps the rules for code`(
        rule: String,
        check: @Sendable (SourceFile) -> [Violation]
    ) throws {
        let files = try Repository.current.swiftFiles
        #expect(files.count > 20, "the files were not found")
        let violations = files.flatMap(check)
        #expect(violations.isEmpty, "\(Self.text(violations))")
    }

    @Test func `uses every setting that it reads`() throws {
        let violations = SettingRules.unused(among: try Repository.current.swiftFiles)
        #expect(violations.isEmpty, "\(Self.text(violations))")
    }

    @Test func `measures everything that it names`() throws {
        let violations = MetricRules.unmeasured(among: try Repository.current.swiftFiles)
        #expect(violations.isEmpty, "\(Self.text(violations))")
    }

    @Test func `names nobody's machine and no unfinished work`() throws {
        let violations = try Repository.current.publishedFiles.flatMap(WordRules.traces)
        #expect(violations.isEmpty, "\(Self.text(violations))")
    }

    @Test func `needs every entry of its allow lists`() throws {
        let unused = WordRules.unused(among: try Repository.current.swiftFiles)
        #expect(unused.isEmpty, "\(unused.joined(separator: "\n"))")
    }

    @Test func `has nothing else at its top`() throws {
        let names = Set(try Repository.current.names())
        #expect(names.subtracting(Repository.topLevel) == [])
    }

    // With a limit systemd gives up for good a few minutes into an outage of broker or journal.
    @Test(arguments: ["rekey.service", "rekey-agent@.service"])
    func `has units that come back after an outage of any length`(name: String) throws {
        let lines = try Repository.current.text(of: "deploy/systemd/\(name)").split(separator: "\n")
        #expect(lines.contains("StartLimitIntervalSec=0"))
        #expect(lines.contains("Restart=on-failure"))
        #expect(lines.contains("RestartPreventExitStatus=64 78"))
    }

    @Test func `is drawn by the README as it is`() throws {
        let repository = Repository.current
        let tree = try #require(try FolderTree(repository.text(of: "README.md")))
        #expect(tree.children["Sources"] != nil)
        let differences = try tree.differences(repository.folders)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    private static func text(_ violations: [Violation]) -> String {
        violations.map(\.description).joined(separator: "\n")
    }
}
