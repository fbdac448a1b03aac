/// A mistake that a worker makes, to see that those who look from outside find it.
package enum PlantedMistake: String, Codable, Sendable, CaseIterable {
    /// Ends the old credential as soon as there is a new one.
    case revokesEarly
    /// Says that the new version was written to the carrier, and leaves the old one there.
    case skipsPromotion
    /// Goes on with a rotation that another worker took over, as if its claim still held.
    case ignoresStaleClaims
    /// Makes a call that changes something though the time for it is over.
    case callsLate
}
