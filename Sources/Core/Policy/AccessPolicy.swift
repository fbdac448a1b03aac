/// Who may ask for what, as a value: the worker judges every request and command by it.
package struct AccessPolicy: Equatable, Sendable {
    /// Somebody who asks, as far as somebody else vouches for them.
    package enum Requester: Hashable, Sendable, CustomStringConvertible {
        /// A user of the broker, which checked the name.
        case user(String)
        /// Somebody whom the gateway has checked.
        case person(String)
        /// Nobody vouches.
        case anonymous

        package var description: String {
            switch self {
            case .user(let name): "user:\(name)"
            case .person(let name): "person:\(name)"
            case .anonymous: "anonymous"
            }
        }
    }

    package enum Act: String, Sendable, CaseIterable { case request, approve, compromise }

    /// An act with nobody listed is allowed to nobody.
    package var allowed: [Act: Set<Requester>]
    /// The broker's user as which the gateway publishes: only its word about persons counts.
    package var gatewayUser: String?
    /// Whether anybody, even anonymous, may ask for routine rotations.
    ///
    /// Never for more.
    package var anybodyMayRequest: Bool

    package init(
        allowed: [Act: Set<Requester>] = [:],
        gatewayUser: String? = nil,
        anybodyMayRequest: Bool = false
    ) {
        self.allowed = allowed
        self.gatewayUser = gatewayUser
        self.anybodyMayRequest = anybodyMayRequest
    }

    /// Routine requests by anybody, and nothing else by anybody: what holds before anyone is named.
    package static let requestsOnly = AccessPolicy(anybodyMayRequest: true)

    /// Who asks.
    ///
    /// `userID` is the broker's word; `authID` counts only where the gateway sent it.
    package func requester(userID: String?, authID: String?) -> Requester {
        guard let userID, !userID.isEmpty else { return .anonymous }
        if let authID, !authID.isEmpty, userID == gatewayUser { return .person(authID) }
        return .user(userID)
    }

    package func allows(_ act: Act, to requester: Requester) -> Bool {
        if act == .request, anybodyMayRequest { return true }
        guard requester != .anonymous else { return false }
        return allowed[act]?.contains(requester) ?? false
    }

    /// Why an act is not allowed, for its answer; nil where it is.
    package func refusal(of act: Act, to requester: Requester) -> String? {
        allows(act, to: requester)
            ? nil : "\(requester) may not \(act.rawValue): see `permissions` of the configuration"
    }
}
