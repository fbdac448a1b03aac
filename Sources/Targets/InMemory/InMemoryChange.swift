package import RekeyCore
package import RekeyPorts

/// One change that an in-memory target made: names and numbers, never a value.
package struct InMemoryChange: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case installed, issued, regenerated, retired, changedFromOutside
    }

    /// Counts the changes of this target, from 1.
    package let number: Int
    package let kind: Kind
    package let account: AccountID
    /// Who wrote it, where the call says so.
    package let fence: Fence?
    /// Under which natural key, where the call has one.
    package let key: NaturalKey?
}
