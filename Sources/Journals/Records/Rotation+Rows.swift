package import Foundation
package import RekeyCore

extension Rotation {
    /// The state of a row, as it was written out.
    ///
    /// Throws where its parts do not go together, as after somebody changed it by hand.
    package init(row bytes: Data) throws {
        self = try JournalCoding.decode(Rotation.self, from: bytes)
        guard isWhole else { throw Self.misfit("the parts of a state do not go together") }
    }

    /// Folds the event of a row; throws where it names what the plan has not.
    package mutating func fold(row event: RotationEvent) throws {
        guard fits(event) else { throw Self.misfit("an event names what its plan has not") }
        fold(event)
    }

    private static func misfit(_ why: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: why))
    }
}
