package import Foundation
package import RekeyCore

/// A JSON object of which one field of its top level was lifted out into a `Secret`.
///
/// The field's text goes from the response's own memory, which is erased, into the secret's, which
/// is erased too; it is never a `String`. What is left, with `null` in the field's place, is given
/// to a `JSONDecoder`, which keeps copies as it likes.
package struct LiftedJSON {
    /// nil where the field is absent or no string.
    package let secret: Secret?
    package let rest: Data

    /// nil where `body` is no JSON object, names the field twice, or spells it wrongly.
    package init?(_ body: Secret, lifting field: String) {
        let lifted = body.reveal { span -> (Secret?, Data)? in
            var scan = JSONScan()
            guard let found = scan.topLevelStrings(named: field, in: span), found.count <= 1
            else { return nil }
            guard let range = found.first else { return (nil, Data(span[0..<span.byteCount])) }
            guard let secret = JSONScan.unescaped(range, in: span) else { return nil }
            var rest = Data(span[0..<(range.lowerBound - 1)])
            rest.append(contentsOf: Array("null".utf8))
            rest.append(Data(span[(range.upperBound + 1)..<span.byteCount]))
            return (secret, rest)
        }
        guard let lifted else { return nil }
        (secret, rest) = lifted
    }
}

extension RawSpan {
    fileprivate subscript(range: Range<Int>) -> [UInt8] { range.map { self[byteAt: $0] } }

    subscript(byteAt offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
