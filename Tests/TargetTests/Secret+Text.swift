import RekeyCore

extension Secret {
    /// A value whose text a test may write down.
    init(_ text: String) { self.init(copying: Array(text.utf8)) }
}
