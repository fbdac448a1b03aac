package import RekeyCore
package import RekeyPorts

/// Something that goes wrong at an `InMemoryVault`'s call, switched on while it runs.
package struct VaultFault: Sendable {
    /// The vault's calls, as the port names them.
    package enum Call: String, Sendable, CaseIterable {
        case latest, version, write, disable, preflight, versions
    }

    package enum Kind: Sendable {
        /// The call fails and changes nothing.
        case before(StepFailure)
        /// The call takes effect, and then fails: an answer that was lost.
        case after(StepFailure)
        /// Somebody else writes a version of the same name just before the call.
        case foreignWrite(VaultEntry)
        /// The call takes this long before anything happens.
        case delay(Duration)
    }

    package let call: Call
    package let kind: Kind
    /// Only calls about this name; nil for any.
    package let name: SecretName?
    /// How many matching calls pass before the first that is hit.
    package var skip: Int
    /// How many calls are hit after that.
    package var count: Int

    package init(
        _ kind: Kind,
        on call: Call,
        of name: SecretName? = nil,
        skip: Int = 0,
        count: Int = 1
    ) {
        self.kind = kind
        self.call = call
        self.name = name
        self.skip = skip
        self.count = count
    }
}
