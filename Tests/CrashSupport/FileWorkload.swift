import Foundation
package import RekeyCore
package import RekeyPorts

/// An application that is a file: it names the versions that it last took up.
package struct FileWorkload: Workload {
    package struct Held: Codable, Sendable {
        package var taken: [String]
        package var versions: [CarrierVersion]
    }

    private let path: String

    package init(path: String) { self.path = path }

    package var held: Held? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try? JSONDecoder().decode(Held.self, from: data)
    }

    /// Writes what it holds in one step, as another process sees it.
    package func hold(_ versions: [CarrierVersion], taken: [String] = []) throws {
        let data = try JSONEncoder().encode(Held(taken: taken, versions: versions))
        try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    package func refresh(_ order: WorkloadOrder) async throws(StepFailure) {
        let before = held?.taken ?? []
        guard !before.contains(order.key.text) else { return }
        do {
            try hold(order.carriers, taken: before + [order.key.text])
        } catch {
            throw StepFailure(.transient, "workload: cannot write")
        }
    }

    package func observe(_ order: WorkloadOrder) async throws(StepFailure) -> Evidence {
        Evidence(held?.versions == order.carriers ? .healthy : .none)
    }

    package func preflight() async throws(StepFailure) -> [Finding] { [] }
}
