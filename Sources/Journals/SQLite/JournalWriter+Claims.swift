import GRDB
import RekeyCore
import RekeyPorts

/// The claims' table.
extension JournalWriter {
    /// Throws `staleClaim` unless the rotation's last claim is this one, and was not given back.
    ///
    /// An expired claim that nobody took over is still good: the epoch fences, not the time.
    func check(_ claim: Claim) throws {
        let held = try Bool.fetchOne(
            database.cachedStatement(
                sql: "SELECT holder IS ? AND epoch = ? FROM claims WHERE rotation = ?"
            ),
            arguments: [claim.holder, claim.epoch, claim.rotation.text]
        )
        guard held == true else {
            throw JournalFailure.staleClaim("rotation \(claim.rotation), epoch \(claim.epoch)")
        }
    }

    /// Raises the rotation's epoch for `holder`, or answers nil while another holder's claim lasts.
    func claim(
        _ rotation: RotationID,
        for holder: String,
        at bootSeconds: Double,
        seconds: Double
    ) throws -> Claim? {
        let until = bootSeconds + seconds
        let epoch = try Int64.fetchOne(
            database.cachedStatement(
                sql: """
                    INSERT INTO claims (rotation, epoch, holder, until_boot)
                    VALUES (?1, 1, ?2, ?3)
                    ON CONFLICT (rotation) DO UPDATE
                    SET epoch = epoch + 1, holder = ?2, until_boot = ?3
                    WHERE holder IS NULL OR holder = ?2 OR until_boot <= ?4
                    RETURNING epoch
                    """
            ),
            arguments: [rotation.text, holder, until, bootSeconds]
        )
        return epoch.map {
            Claim(rotation: rotation, holder: holder, epoch: $0, untilBootSeconds: until)
        }
    }

    func release(_ claim: Claim) throws {
        try database.run(
            "UPDATE claims SET holder = NULL WHERE rotation = ? AND holder = ? AND epoch = ?",
            [claim.rotation.text, claim.holder, claim.epoch]
        )
    }

    /// Voids the claims of the process that had the journal before; their epochs stay.
    func voidClaims() throws {
        try database.run("UPDATE claims SET holder = NULL WHERE holder IS NOT NULL")
    }
}
