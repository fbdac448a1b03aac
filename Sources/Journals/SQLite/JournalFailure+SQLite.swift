import GRDB
import RekeyPlatform
import RekeyPorts

extension JournalFailure {
    /// Keeps the code's name, and nothing of the statement or its arguments.
    init(_ error: any Error, at path: String) {
        switch error {
        case let failure as JournalFailure: self = failure
        case let error as DatabaseError: self.init(error, at: path)
        case let error as FileFailure: self = .unavailable("\(error)")
        case is DecodingError: self = .damaged("\(path): a record does not decode")
        default: self = .unavailable("\(path): \(type(of: error))")
        }
    }

    private init(_ error: DatabaseError, at path: String) {
        let code = error.extendedResultCode
        let place = "\(path): \(code.name)"
        self =
            switch code.primaryResultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged(place)
            case .SQLITE_FULL: .unavailable("\(place): the disk is full")
            default: code.blamesCaller ? .unwritable(place) : .unavailable(place)
            }
    }
}

extension ResultCode {
    /// As SQLite spells it; the extended code follows as a number.
    var name: String {
        let primary = Self.names[primaryResultCode.rawValue] ?? "SQLITE_\(rawValue)"
        return self == primaryResultCode ? primary : "\(primary) (\(rawValue))"
    }

    /// Whether the fault lies in what one caller wrote, so that the others of its group go on.
    var blamesCaller: Bool {
        switch primaryResultCode {
        case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_RANGE: true
        default: false
        }
    }

    /// Whether what is on disk is uncertain from now on.
    var isOfTheDisk: Bool {
        switch primaryResultCode {
        case .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB: true
        default: false
        }
    }

    // https://www.sqlite.org/rescode.html
    private static let names: [Int32: String] = [
        1: "SQLITE_ERROR", 2: "SQLITE_INTERNAL", 3: "SQLITE_PERM", 4: "SQLITE_ABORT",
        5: "SQLITE_BUSY", 6: "SQLITE_LOCKED", 7: "SQLITE_NOMEM", 8: "SQLITE_READONLY",
        9: "SQLITE_INTERRUPT", 10: "SQLITE_IOERR", 11: "SQLITE_CORRUPT", 12: "SQLITE_NOTFOUND",
        13: "SQLITE_FULL", 14: "SQLITE_CANTOPEN", 15: "SQLITE_PROTOCOL", 17: "SQLITE_SCHEMA",
        18: "SQLITE_TOOBIG", 19: "SQLITE_CONSTRAINT", 20: "SQLITE_MISMATCH",
        21: "SQLITE_MISUSE", 22: "SQLITE_NOLFS", 23: "SQLITE_AUTH", 25: "SQLITE_RANGE",
        26: "SQLITE_NOTADB",
    ]
}
