import Testing

/// `contracts/openapi.yaml` against the gateway's source, since the gateway needs a server to ask.
@Suite struct `The contract of the gateway` {
    @Test func `has each route of the code, and no other`() throws {
        let source =
            try Contracts.text("Sources/Gateway/Gateway.swift")
            + Contracts.text("Sources/Gateway/HealthReport.swift")
        let gets = source.matches(of: /router\.(get|post)\("([^"]+)"/).map { "\($0.1) \($0.2)" }
        let others = source.matches(of: /router\.on\("([^"]+)", method: \.([a-z]+)\)/)
            .map { "\($0.2) \($0.1)" }
        let routes = (gets + others).map { $0.replacing(/:([a-z]+)/) { "{\($0.1)}" } }
        #expect(routes.count > 5)
        #expect(Set(try documented()) == Set(routes))
    }

    @Test func `shows of a rotation what the code shows`() throws {
        let source = try Contracts.text("Sources/Gateway/RotationQueries.swift")
        let summary = try #require(source.split(separator: "struct RotationSummary").last)
        let fields = summary.prefix { $0 != "(" }.matches(of: /\n    var ([a-zA-Z]+):/)
        let document = try Contracts.text("contracts/openapi.yaml")
        let rotation = try #require(document.components(after: "    Rotation:\n"))
        let properties = rotation.matches(of: /\n        ([a-zA-Z]+):/)
        #expect(!fields.isEmpty)
        #expect(Set(fields.map(\.1)) == Set(properties.map(\.1)))
    }

    /// Method and path of each operation.
    private func documented() throws -> [String] {
        var path = ""
        var found: [String] = []
        for line in try Contracts.text("contracts/openapi.yaml").split(separator: "\n") {
            if let match = line.wholeMatch(of: /[ ]{2}(\/[^:]*):/) { path = String(match.1) }
            if let match = line.wholeMatch(of: /[ ]{4}(get|post|options):/) {
                found.append("\(match.1) \(path)")
            }
        }
        return found
    }
}

extension String {
    /// The text after the last `mark`, which it has to contain.
    fileprivate func components(after mark: String) -> Substring? {
        ranges(of: mark).last.map { self[$0.upperBound...] }
    }
}
