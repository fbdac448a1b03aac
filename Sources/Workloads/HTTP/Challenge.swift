import Foundation
import RekeyCore
import RekeyPlatform
import RekeyPorts

/// A question that only the holder of a value can answer, never the same twice.
///
/// `deploy/shim/README.md` has the construction in full, for whoever answers:
///
///     key   = PBKDF2-HMAC-SHA-256(value, salt: nonce, rounds: 100,000, 32 bytes)
///     proof = HMAC-SHA-256(key, each of [label, nonce, workload, credential] behind its length)
///
/// The nonce is new each time, so an old answer is worth nothing, and nobody can prepare guesses.
/// The names keep an answer from standing for another workload or credential. The rounds slow down
/// whoever got hold of an answer and tries guesses of a weak value; a generated one has 190 bits.
struct Challenge: Sendable {
    static let label = "rekey-proof-v1"
    static let rounds: Int32 = 100_000
    static let answerByteLimit = 4096
    private static let nonceByteCount = 32
    private static let proofByteCount = 32

    let workload: WorkloadName
    let credential: CredentialID
    let nonce: [UInt8]

    init(
        workload: WorkloadName,
        credential: CredentialID,
        nonce: [UInt8] = RandomBytes.array(count: nonceByteCount)
    ) {
        self.workload = workload
        self.credential = credential
        self.nonce = nonce
    }

    /// Where the answer has its proof.
    static let place = JSONPointer("/proof")

    var body: Data {
        let fields = [
            "credential": credential.text, "nonce": Self.hexadecimal(nonce),
            "workload": workload.text,
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Three texts are always JSON.
        return (try? encoder.encode(fields)) ?? Data()
    }

    func proof(under value: Secret) -> [UInt8] {
        let key = Digest.stretched(value, salt: nonce, rounds: Self.rounds)
        let parts = [
            Array(Self.label.utf8), nonce, Array(workload.text.utf8), Array(credential.text.utf8),
        ]
        let message = parts.flatMap { part in
            Self.length(part.count) + part
        }
        return Digest.hmacSHA256(key: key, message: message)
    }

    /// Four bytes, the highest first.
    private static func length(_ count: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }

    static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 2 * proofByteCount, text.utf8.count == digits.count else {
            return nil
        }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
