/// Who may ask for what.
package struct Permissions: Equatable, Sendable {
    /// Somebody who asks, as the broker or the gateway knows them.
    package enum Identity: Hashable, Sendable, CustomStringConvertible {
        /// `user:NAME`: a user of the broker.
        case user(String)
        /// `person:NAME`: somebody whom the gateway has checked.
        case person(String)

        package var description: String {
            switch self {
            case .user(let name): "user:\(name)"
            case .person(let name): "person:\(name)"
            }
        }
    }

    package enum Act: String, Sendable, CaseIterable { case request, approve, compromise }

    /// An act with nobody listed is allowed to nobody.
    package var allowed: [Act: Set<Identity>]
    /// The broker's user as which the gateway publishes: only its word about persons counts.
    package var gatewayUser: String?

    package func allows(_ act: Act, to identity: Identity) -> Bool {
        allowed[act]?.contains(identity) ?? false
    }
}
