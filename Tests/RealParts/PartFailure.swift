/// A real part that a test needs could not be started or did not do what was asked.
package struct PartFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
