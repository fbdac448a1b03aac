package import Foundation
import RekeyCore
package import RekeyPorts

extension CredentialRecord {
    /// The bytes of `JournalCoding`; nil where a number is infinite.
    package var usualJSON: Data? {
        var text = JSONText(capacity: 512)
        text.object { record in
            record.member("account", account?.text)
            record.member("adoptedAt", adoptedAt)
            record.member("dueAt", dueAt)
            record.member("expiresAt", expiresAt)
            record.member("failedRotations", failedRotations)
            record.member("id", id.text)
            record.member("isPaused", isPaused)
            record.member("lastRotatedAt", lastRotatedAt)
            record.member("notBefore", notBefore)
            record.member("noticed", noticed)
            record.member("probes", probes)
            record.member("revision", revision)
            record.member("rotatedBeforeAt", rotatedBeforeAt)
            record.member("sequence", sequence)
        }
        return text.isFinite ? Data(text.bytes) : nil
    }
}
