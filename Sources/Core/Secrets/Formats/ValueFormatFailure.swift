/// Why a document could not be read or rewritten: the form, the problem and the place.
///
/// It never quotes the document, so it may be logged.
package struct ValueFormatFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Problem: String, Sendable, CaseIterable {
        case malformed = "is not written as its form asks"
        case noSecretField = "has no field for the secret"
        case noAccountField = "has no field for the account"
        case duplicateField = "has the field more than once"
        case emptySecret = "has an empty secret"
        case notAString = "has something else than a string in the field"
        case notText = "has a field that is not UTF-8"
        case notRepresentable = "cannot hold this value in its form"
        case tooLong = "is longer than 65536 bytes"
        case tooDeep = "is nested deeper than 64 levels"
    }

    /// The name of the form, such as `ado`.
    package let form: String
    package let problem: Problem
    /// Where in the document, in bytes from its beginning.
    package let offset: Int?

    package init(form: String, problem: Problem, offset: Int? = nil) {
        self.form = form
        self.problem = problem
        self.offset = offset
    }

    package var description: String {
        let place = offset.map { " at byte \($0)" } ?? ""
        return "the value (\(form)) \(problem.rawValue)\(place)"
    }
}

/// A failure within one form, before the form's name is known.
struct FormatFault: Error {
    let problem: ValueFormatFailure.Problem
    let offset: Int?

    init(_ problem: ValueFormatFailure.Problem, at offset: Int? = nil) {
        self.problem = problem
        self.offset = offset
    }
}
