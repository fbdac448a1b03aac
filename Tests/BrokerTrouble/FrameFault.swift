/// A boundary of a frame, and what happens there, once.
package struct FrameFault: Hashable, Sendable, CustomStringConvertible {
    package enum Place: String, Sendable, CaseIterable {
        case before
        /// Half of the frame has gone through.
        case inside
        case after
    }

    package enum Kind: String, Sendable, CaseIterable {
        /// Both ends get a reset.
        case reset
        /// Both ends get an orderly end.
        case end
        /// Nothing goes through for a while, longer than a confirm may take; then all of it does.
        case delay
        /// Nothing goes through any more, in either direction, and nobody is told.
        case stall
    }

    package let kind: Kind
    package let place: Place
    package let frame: FrameKind
    /// Counts the frames of its kind in one rotation, from 1.
    package let ordinal: Int

    package init(_ kind: Kind, _ place: Place, _ frame: FrameKind, _ ordinal: Int) {
        self.kind = kind
        self.place = place
        self.frame = frame
        self.ordinal = ordinal
    }

    package var description: String { "\(kind) \(place) \(frame)#\(ordinal)" }
}
