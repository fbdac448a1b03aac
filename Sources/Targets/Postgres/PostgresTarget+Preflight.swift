package import RekeyPorts
package import RekeyCore
import RekeyPostgres

extension PostgresTarget {
    /// Looks at rights, roles and settings; every statement is a `SELECT` or a `SHOW`.
    ///
    /// What it finds names a remedy, for which `initialiseSQL` often has the text.
    package func preflight() async throws(StepFailure) -> [Finding] {
        let settings = settings
        let administrator: PostgresConnection
        do throws(StepFailure) {
            administrator = try await self.administrator()
        } catch {
            guard error.kind == .permanent else { throw error }
            return [
                Finding(
                    .problem,
                    "target \(settings.name)",
                    error.reason,
                    hint: "check host, TLS root, administrator role and its password's source"
                )
            ]
        }
        do throws(PostgresFailure) {
            let findings = try await administrator.perform { (own) throws(PostgresFailure) in
                let inspection = RoleInspection(settings)
                return try inspection.findings(on: own)
            }
            await administrator.close()
            return findings
        } catch {
            throw StepFailure(error, onlyReads: true)
        }
    }
}
