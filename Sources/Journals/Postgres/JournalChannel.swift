/// Where replicas tell each other that something may be left to do: a hint, and never the only way.
enum JournalChannel {
    /// A notification with this payload is for every replica; others name the one.
    static let everybody = ""

    static func name(of schema: String) -> String { "\(schema).rekey" }
}
