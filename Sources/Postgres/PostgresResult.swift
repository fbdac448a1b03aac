import CPostgres
import RekeyCore

/// Reads a `PGresult` that somebody else owns.
@safe enum PostgresResult {
    /// The failure that `result` reports; of the server's words only codes and names are taken.
    static func failure(
        _ result: OpaquePointer,
        _ label: String,
        _ lost: (PostgresFailure.Cause) -> PostgresFailure
    ) -> PostgresFailure? {
        switch unsafe PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return nil
        // Rekey sends no COPY and no single-row query; anything else is an error too.
        default: break
        }
        guard let code = unsafe field(result, rekey_diagnosis_sqlstate) else {
            return lost(.connectionLost)
        }
        let severity = unsafe field(result, rekey_diagnosis_severity)
        // A server that goes down may say so after the commit (`FATAL` 57P01 from `COMMIT`).
        let endsSession = severity == "FATAL" || severity == "PANIC"
        return PostgresFailure(
            label,
            endsSession ? lost(.connectionLost).phase : .answered,
            .sqlState(code),
            severity: severity,
            constraint: unsafe field(result, rekey_diagnosis_constraint)
        )
    }

    static func answer(_ result: OpaquePointer) -> PostgresAnswer {
        let columns = unsafe 0..<PQnfields(result)
        let rows = unsafe (0..<PQntuples(result)).map { row in
            columns.map { column -> String? in
                guard unsafe PQgetisnull(result, row, column) == 0 else { return nil }
                return unsafe String(cString: PQgetvalue(result, row, column))
            }
        }
        return PostgresAnswer(
            rows: rows,
            changedCount: unsafe Int(String(cString: PQcmdTuples(result))) ?? 0,
            tag: unsafe String(cString: PQcmdStatus(result))
        )
    }

    private static func field(_ result: OpaquePointer, _ code: Int32) -> String? {
        guard let text = unsafe PQresultErrorField(result, code) else { return nil }
        return unsafe String(cString: text)
    }
}
