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

    /// What is read beside an event however much else stands there: by these it is believed.
    package static let readFirst = [firstUserHeader, replayedByHeader, parkedAtHeader]

    /// Whether Rekey, which publishes as `own`, parked or replayed this copy.
    ///
    /// The broker checks the user and lets nobody else name it. A header alone says nothing, and
    /// neither does one that is missing: who publishes much beside an event may hide it.
    package func isCopy(by own: String) -> Bool {
        userID == own
            && (headers[Self.parkedAtHeader] != nil || headers[Self.replayedByHeader] != nil)
    }

    /// Who published a parked event first; nil where nobody vouches for it.
    package func firstUser(parkedBy own: String) -> String? {
        isCopy(by: own) ? headers[Self.firstUserHeader] : userID
    }

    /// The same as Rekey publishes them again: the id stays, and who published it first.
    package func replayed(by own: String) -> EventProperties {
        var copy = self
        if !isCopy(by: own) { copy.headers[Self.parkedAtHeader] = nil }
        copy.setFirstUser(firstUser(parkedBy: own), publishedBy: own)
        copy.headers[Self.replayedByHeader] = own
        return copy
    }

    /// Notes who published first, in place of whatever was claimed, and who does now.
    package mutating func setFirstUser(_ user: String?, publishedBy own: String?) {
        headers[Self.firstUserHeader] = user
        userID = own
    }
}
