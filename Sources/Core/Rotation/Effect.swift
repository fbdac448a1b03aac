/// One thing to do in an outside system, as data.
///
/// A *look* changes nothing and may be repeated. A *deed* changes something: the journal holds
/// its intent before it is done, and a deed whose outcome is unknown is followed by its look.
package enum Effect: Codable, Hashable, Sendable {
    // Looks.
    case findStaged
    case checkCarriers
    case probeInstalled
    case inspectIssued
    case inspectKeys
    case prove
    case readCarrier(Int)
    case observe(Int)
    case followHook(Int)
    case reprove
    case observeSilence
    case inspectRetired
    case inspectRevoked
    case inspectClosing

    // Deeds.
    case stageGenerated
    case install
    case issue
    case regenerate(AccountID)
    case stageIssued
    case withdraw(AccountID)
    case writeCarrier(Int)
    case refresh(Int)
    case startHook(Int)
    case retire(AccountID)
    /// Ends a compromised credential at its deadline, whatever evidence is missing.
    case revoke(AccountID)
    case disableStaged
    /// Gives the target the previous value back, where there is only one.
    case reinstall

    package var isDeed: Bool {
        switch self {
        case .findStaged, .checkCarriers, .probeInstalled, .inspectIssued, .inspectKeys, .prove,
            .readCarrier, .observe, .followHook, .reprove, .observeSilence, .inspectRetired,
            .inspectRevoked, .inspectClosing:
            false
        case .stageGenerated, .install, .issue, .regenerate, .stageIssued, .withdraw,
            .writeCarrier, .refresh, .startHook, .retire, .revoke, .disableStaged, .reinstall:
            true
        }
    }

    /// What tells whether this deed was done; `nil` where doing it again is the way to know.
    package var look: Effect? {
        switch self {
        case .stageGenerated, .stageIssued: .findStaged
        case .install, .reinstall: .probeInstalled
        case .issue, .withdraw: .inspectIssued
        case .regenerate: .inspectKeys
        case .writeCarrier(let index): .readCarrier(index)
        case .startHook(let index): .followHook(index)
        case .retire: .inspectRetired
        case .revoke: .inspectRevoked
        // Repeating these with the same natural key has no second effect.
        case .refresh, .disableStaged: nil
        case .findStaged, .checkCarriers, .probeInstalled, .inspectIssued, .inspectKeys, .prove,
            .readCarrier, .observe, .followHook, .reprove, .observeSilence, .inspectRetired,
            .inspectRevoked, .inspectClosing:
            nil
        }
    }
}
