import Foundation
import RekeyCore

/// The codes of an Azure error body, whichever of its shapes it has.
///
/// Key Vault says `innererror`, Graph `innerError`, Automation has `code` at the top (azure.md §2,
/// §4, §5), the token endpoint has `error` as text and numbers in `error_codes`. A message is never
/// read, since it may quote what was sent.
struct AzureErrorBody: Decodable {
    let code: String?
    let innerCode: String?
    /// The numbers that Entra writes as `AADSTS7000215`.
    let entraCodes: [Int]

    static let empty = AzureErrorBody(code: nil, innerCode: nil, entraCodes: [])

    private init(code: String?, innerCode: String?, entraCodes: [Int]) {
        self.code = code
        self.innerCode = innerCode
        self.entraCodes = entraCodes
    }

    /// Reads `body`; what is no such JSON has no codes.
    init(_ body: Secret) {
        let bytes = body.reveal { span in Data((0..<span.byteCount).map { span[byteAt: $0] }) }
        // A body that is not JSON, such as a proxy's page, has no code to give.
        self = (try? JSONDecoder().decode(Self.self, from: bytes)) ?? .empty
    }

    /// What is missing or of another type is no code, hence every `try?`.
    init(from decoder: any Decoder) throws {
        let top = try decoder.container(keyedBy: Key.self)
        entraCodes = (try? top.decode([Int].self, forKey: .entraCodes)) ?? []
        // `error` is an object at most APIs, and a word at the token endpoint.
        guard let error = try? top.nestedContainer(keyedBy: Key.self, forKey: .error) else {
            let word = try? top.decode(String.self, forKey: .error)
            code = Self.clean(word ?? (try? top.decode(String.self, forKey: .code)))
            innerCode = nil
            return
        }
        code = Self.clean(try? error.decode(String.self, forKey: .code))
        let inner = [Key.lowerInner, .upperInner].lazy.compactMap {
            try? error.nestedContainer(keyedBy: Key.self, forKey: $0)
        }.first
        innerCode = Self.clean(inner.flatMap { try? $0.decode(String.self, forKey: .code) })
    }

    /// A code as it may be logged: anything but a short word is no code.
    static func clean(_ code: String?) -> String? {
        guard let code, (1...maximumCodeLength).contains(code.utf8.count),
            code.utf8.allSatisfy(isWordByte)
        else { return nil }
        return code
    }

    private static let maximumCodeLength = 80

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    private enum Key: String, CodingKey {
        case error, code
        case lowerInner = "innererror"
        case upperInner = "innerError"
        case entraCodes = "error_codes"
    }
}
