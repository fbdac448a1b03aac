import Testing

/// Each rule finds what it is for, and leaves alone what only looks like it.
@Suite struct `A house rule` {
    /// A check, a path, a text that breaks the rule, and one that does not.
    struct Sample: Sendable {
        let check: @Sendable (SourceFile) -> [Violation]
        let path: String
        let bad: String
        let good: String
    }

    private static let worker = "Sources/Worker/Step.swift"
    private static let core = "Sources/Core/Rotation/Rotation.swift"

    private static let samples = [
        Sample(
            check: ImportRules.table,
            path: core,
            bad: "import Logging",
            good: "package import Foundation // import Logging"
        ),
        Sample(
            check: ImportRules.table,
            path: core,
            bad: "import Glibc",
            good: "import Synchronization"
        ),
        Sample(
            check: ImportRules.table,
            path: "Sources/Vaults/AzureKeyVault/A.swift",
            bad: "import PostgresTarget",
            good: "package import RekeyAzure"
        ),
        Sample(
            check: ImportRules.table,
            path: "Sources/CLI/Run.swift",
            bad: "import struct AzureStandIn.World",
            good: "import PostgresTarget"
        ),
        Sample(
            check: ImportRules.cModules,
            path: worker,
            bad: "@preconcurrency import CRabbitMQ",
            good: "import CoreMetrics"
        ),
        Sample(
            check: ImportRules.cModules,
            path: "Sources/Platform/A.swift",
            bad: "package import CCurl",
            good: "import CCurl"
        ),
        Sample(
            check: ImportRules.cModules,
            path: "Sources/Platform/A.swift",
            bad: "import CSQLite",
            good: "import COpenSSL"
        ),
        Sample(
            check: WordRules.forbidden,
            path: worker,
            bad: "print(1)",
            good: "fingerprint(1) // print(1)"
        ),
        Sample(
            check: WordRules.forbidden,
            path: worker,
            bad: "  Task.detached { }",
            good: #"let a = "Task.detached""#
        ),
        Sample(
            check: WordRules.forbidden,
            path: worker,
            bad: #"let a = "\(fatalError())""#,
            good: "func `has no fatalError`() {}"
        ),
        Sample(check: WordRules.forbidden, path: worker, bad: "try! a()", good: "try a()"),
        Sample(
            check: WordRules.forbidden,
            path: worker,
            bad: "DispatchQueue.main",
            good: "/* DispatchQueue /* nested */ DispatchQueue */"
        ),
        Sample(
            check: WordRules.forbidden,
            path: "Tests/CoreTests/A.swift",
            bad: "import XCTest",
            good: "import Testing"
        ),
        Sample(
            check: WordRules.audited,
            path: worker,
            bad: "unsafe a()",
            good: "let unsafeties = 1"
        ),
        Sample(
            check: WordRules.audited,
            path: worker,
            bad: "class A: @unchecked Sendable {}",
            good: "class A: Sendable {}"
        ),
        Sample(
            check: WordRules.audited,
            path: "Sources/Platform/A.swift",
            bad: "nonisolated(unsafe) var a = 1",
            good: "nonisolated var a: Int { 1 }"
        ),
        Sample(
            check: WordRules.audited,
            path: worker,
            bad: "let bytes = reveal { $0 }",
            good: "secret.revealed"
        ),
        Sample(
            check: WordRules.traces,
            path: "deploy/a.sh",
            bad: "cd /ro" + "ot/x",
            good: "cd /roots/x"
        ),
        Sample(
            check: LengthRules.file,
            path: worker,
            bad: String(repeating: "\n", count: LengthRules.fileLimit + 1),
            good: String(repeating: "\n", count: LengthRules.fileLimit)
        ),
        Sample(
            check: LengthRules.line,
            path: worker,
            bad: String(repeating: "é", count: LengthRules.lineLimit + 1),
            good: String(repeating: "é", count: LengthRules.lineLimit)
        ),
        Sample(
            check: LengthRules.function,
            path: worker,
            bad: lengthened(
                "func a(b: () -> Int)\n    async throws\n{",
                LengthRules.functionLimit - 2
            ),
            good: "func a()\nvar b: Int\n" + lengthened("{", LengthRules.functionLimit)
        ),
        Sample(
            check: LengthRules.function,
            path: worker,
            bad: lengthened("init?(b: [Int]) {", LengthRules.functionLimit - 1),
            good: lengthened("init?(b: [Int]) {", LengthRules.functionLimit - 2)
        ),
        Sample(
            check: NameRules.type,
            path: worker,
            bad: "final class ClaimManager {",
            good: "enum HTTPHandler {} // class Manager"
        ),
        Sample(
            check: NameRules.type,
            path: worker,
            bad: "struct EventHandler {",
            good: "struct HandleList"
        ),
    ]

    @Test(arguments: samples.indices)
    func `finds a planted violation and nothing else`(index: Int) {
        let sample = Self.samples[index]
        #expect(!sample.check(SourceFile(sample.path, sample.bad)).isEmpty, "\(sample.bad)")
        #expect(sample.check(SourceFile(sample.path, sample.good)).isEmpty, "\(sample.good)")
    }

    @Test func `finds folders that are named badly or in no row of the table`() {
        let helpers = SourceFile("Sources/Core/Helpers/A.swift", "")
        #expect(!NameRules.folder(helpers).isEmpty)
        #expect(NameRules.folder(SourceFile(Self.core, "")).isEmpty)
        #expect(!ImportRules.table(SourceFile("Sources/Novelty/A.swift", "")).isEmpty)
        #expect(ImportRules.table(SourceFile("Tests/Novelty/A.swift", "")).isEmpty)
    }

    @Test func `names the line`() {
        let file = SourceFile(Self.worker, "import RekeyCore\n\n/* a\n b */ try! c()\n")
        #expect(WordRules.forbidden(file).map(\.line) == [4])
    }

    @Test func `misses no allow list entry that has become needless`() {
        let file = SourceFile("Sources/Postgres/A.swift", "unsafe a()")
        let unused = WordRules.unused(among: [file])
        #expect(!unused.contains("unsafe: Sources/Postgres/"))
        #expect(unused.contains("unsafe: Sources/Platform/"))
    }

    @Test func `sees only code`() {
        let text = ###"""
            a "b\"c" d \("x" + e(")")) `f g` #"h"i\(j)k"# l /* m /* n */ o */ p // q
            r ""\###u{22}
            s " t\(u)
            ""\###u{22} v "\(w)"
            """###
        let code = SourceFile("a.swift", text).codeLines.map { $0.filter { $0.isLetter } }
        #expect(code == ["adelp", "r", "u", "vw"])
    }

    @Test func `finds a setting that nobody uses`() {
        let files = [
            SourceFile(
                "Sources/Configuration/Settings/A.swift",
                "struct A {\n    package var url: String\n    package var owners: [String]\n}"
            ),
            SourceFile("Sources/Configuration/Reading/A.swift", "A(url: b.text, owners: c)"),
            SourceFile("Sources/CLI/B.swift", "open(a.url) // a.owners\nlet d = a.ownersToo"),
            SourceFile("Sources/Azure/C.swift", "graph.owners"),
        ]
        let found = SettingRules.unused(among: files)
        #expect(found.map(\.what) == ["nobody uses owners"] && found.first?.line == 3)
    }

    @Test func `finds a metric that nobody measures`() {
        let files = [
            SourceFile(
                "Sources/Telemetry/MetricName.swift",
                "enum MetricName {\n    case stuck = \"a\"\n    case debts = \"b\"\n"
                    + "    case hooks = \"c\"\n    var help: String { Measure.stuck }\n}"
            ),
            SourceFile("Sources/Worker/A.swift", "Measure.set(.debts, 1)\nrecord(.stuck(why))"),
            SourceFile("Sources/Worker/B.swift", "Measure.count(\n    .hooks,\n)"),
            SourceFile("Tests/A.swift", "Measure.set(.stuck, 1)"),
        ]
        let found = MetricRules.unmeasured(among: files)
        #expect(found.map(\.what) == ["nobody measures stuck"] && found.first?.line == 2)
    }

    @Test func `compares a drawn tree with the disk`() throws {
        let readme = """
            # A
            ```text
            Sources/
            ├── Core/        decisions
            ├── Brokers/     two
            │   ├── InMemory/
            │   └── RabbitMQ/
            Tests/           not looked into
            ```
            """
        let tree = try #require(FolderTree(readme))
        let disk: [String: Set<String>] = [
            "Sources": ["Core", "Brokers", "Ports"], "Sources/Brokers": ["InMemory"],
        ]
        #expect(
            tree.differences { disk[$0] ?? [] } == [
                "Sources/Ports is not drawn", "Sources/Brokers/RabbitMQ is drawn, not there",
            ]
        )
        #expect(FolderTree("no tree") == nil)
    }

    private static func lengthened(_ opening: String, _ lines: Int) -> String {
        opening + String(repeating: "\n    a()", count: lines) + "\n}\n"
    }
}
