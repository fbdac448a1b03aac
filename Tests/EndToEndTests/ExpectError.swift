import Foundation
import RealParts
import Testing

/// One clear error with a hint and the right exit code, and neither a trace nor a hang.
func expectError(
    _ outcome: ChildProcess.Outcome,
    _ code: Int32,
    saying words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outcome.exit == .code(code), "\(outcome.errors)", sourceLocation: sourceLocation)
    let lines = outcome.errors.split(separator: "\n").map(String.init)
    let errors = lines.filter { $0.hasPrefix("rekey: error: ") }
    #expect(errors.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(
        lines.count { $0.hasPrefix("rekey: hint: ") } == 1,
        "\(outcome.errors)",
        sourceLocation: sourceLocation
    )
    for word in words {
        let said = (outcome.output + outcome.errors).localizedCaseInsensitiveContains(word)
        #expect(said, "\(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation)
    }
    for trace in ["Fatal error", "Stack dump", "Swift.", "Error Domain", "RabbitMQBroker."] {
        let found = outcome.errors.contains(trace)
        #expect(!found, "\(outcome.errors)", sourceLocation: sourceLocation)
    }
}
