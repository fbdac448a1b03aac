package import RekeyCore
package import RekeyPorts

/// Reads the audit chain itself, byte by byte, of a journal that keeps one.
package protocol AuditReader: JournalReader {
    /// A rotation's records as they lie in the journal, unchecked; nil where there is none such.
    func auditTrail(of rotation: RotationID) async throws(JournalFailure) -> AuditTrail?

    /// Every rotation's id, the oldest first, for an audit of the whole journal.
    func rotationIDs() async throws(JournalFailure) -> [RotationID]
}
