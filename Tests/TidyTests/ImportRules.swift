/// The rules on import lines.
enum ImportRules {
    /// An import line of a file.
    struct Import: Equatable {
        let line: Int
        let module: String
        let isPackage: Bool
    }

    static func imports(of file: SourceFile) -> [Import] {
        file.codeLines.indices.compactMap { index in
            let words = file.codeLines[index].split(separator: " ")
            guard let keyword = words.firstIndex(of: "import"), keyword < 3 else { return nil }
            // `import struct Module.Type` names the module after the kind.
            let kinds: Set<Substring> = [
                "struct", "class", "enum", "func", "protocol", "typealias",
            ]
            let rest = words[(keyword + 1)...].drop { kinds.contains($0) }
            guard let module = rest.first?.split(separator: ".").first else { return nil }
            let access = words[..<keyword]
            return Import(
                line: index + 1,
                module: String(module),
                isPackage: access.contains("package") || access.contains("public")
            )
        }
    }

    /// Modules import only what their row of the table says.
    static func table(_ file: SourceFile) -> [Violation] {
        guard file.path.hasPrefix("Sources/"), !file.path.hasPrefix("Sources/C/") else { return [] }
        let imported = imports(of: file)
        if file.path.hasPrefix(ImportTable.commandLine.folder) {
            return imported.filter { ImportTable.commandLine.imports.contains($0.module) }
                .map { Violation(path: file.path, line: $0.line, what: "imports \($0.module)") }
        }
        guard let row = ImportTable.rows.first(where: { file.path.hasPrefix($0.folder) }) else {
            return [Violation(path: file.path, line: 1, what: "is in no row of the import table")]
        }
        let allowed = row.imports.union(ImportTable.standard)
            .union(ImportTable.exceptions[file.path] ?? [])
        return imported.filter { !allowed.contains($0.module) }.map {
            Violation(
                path: file.path,
                line: $0.line,
                what: "imports \($0.module), which its module may not"
            )
        }
    }

    /// Each C module is imported by one module, and never becomes part of that one's API.
    static func cModules(_ file: SourceFile) -> [Violation] {
        imports(of: file).compactMap { item in
            guard let importers = ImportTable.importersOfC[item.module] else {
                guard isCModule(item.module) else { return nil }
                return Violation(
                    path: file.path,
                    line: item.line,
                    what: "imports an unlisted C module"
                )
            }
            if item.isPackage {
                let what = "lets \(item.module) into its signatures"
                return Violation(path: file.path, line: item.line, what: what)
            }
            guard !file.isUnder(importers) else { return nil }
            let what = "imports \(item.module), which is for \(importers[0])"
            return Violation(path: file.path, line: item.line, what: what)
        }
    }

    /// Ours are named C and then a capital, such as `CCurl`; `CoreMetrics` is none.
    private static func isCModule(_ name: String) -> Bool {
        name.hasPrefix("C") && (name.dropFirst().first?.isUppercase ?? false)
    }
}
