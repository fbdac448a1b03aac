import Foundation

/// A variable with a value of its own, by which the processes that inherited it are known.
struct EnvironmentMark: Sendable {
    let name: String
    let value = UUID().uuidString

    init(_ name: String) { self.name = name }

    /// As the environment holds it.
    var text: String { "\(name)=\(value)" }
}
