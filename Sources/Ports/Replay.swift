import RekeyCore

/// What a parked event is called, and what stays with it when it is published again.
extension Delivery {
    /// The event's id, or one made from its body: what nobody named can be asked for, too.
    package var parkedID: String {
        properties.messageID
            ?? UUIDv5.text(in: "rekey.nameless", [String(decoding: body, as: UTF8.self)])
    }
}

extension EventProperties {
    /// The header with the user that published a parked or replayed event first.
    ///
    /// A broker refuses somebody else's `user-id`, so it travels beside the event.
    package static let firstUserHeader = "rekey-original-user-id"
    /// The header with the user that replayed an event.
    package static let replayedByHeader = "rekey-replayed-by"

    /// The header with the time at which Rekey parked an event first.
    package static let parkedAtHeader = "rekey-parked-at"

    /// The same as `user` publishes them again: the id stays, and who published it first.
    ///
    /// `isVouchedFor` says that Rekey itself put this copy where it is; what any other copy says
    /// about its first user is not believed.
    package func replayed(by user: String, isVouchedFor: Bool) -> EventProperties {
        var copy = self
        copy.setFirstUser(userID ?? (isVouchedFor ? headers[Self.firstUserHeader] : nil))
        copy.headers[Self.replayedByHeader] = user
        copy.userID = user
        return copy
    }

    /// Notes who published first, in place of whatever was claimed, and publishes as nobody.
    package mutating func setFirstUser(_ user: String?) {
        headers[Self.firstUserHeader] = user
        userID = nil
    }
}
