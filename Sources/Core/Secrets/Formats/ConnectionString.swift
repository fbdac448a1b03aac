/// Connection strings of ADO.NET and ODBC, and those of Azure's storage and messaging clients.
///
/// Sources: `DbConnectionStringBuilder` of .NET for quotes and `==`; the ODBC reference, "Comments
/// on SQLDriverConnect", for braces; Npgsql and MySqlConnector for the synonyms.
enum ConnectionString {
    static let secretKeys: Set = ["password", "pwd", "psw", "passwd"]
    static let accountKeys: Set = ["userid", "uid", "user", "username"]
    /// Read by parsers that know no quotes: Azure.Storage, Azure.Messaging, Microsoft.Azure.Cosmos.
    static let azureKeys: Set = ["accountkey", "sharedaccesskey"]
    /// Only an ODBC string has one of these, and it takes braces for quotes.
    private static let odbcKeys: Set = ["driver", "dsn", "filedsn"]

    static func fields(in bytes: ErasableBytes) throws(FormatFault) -> CredentialFields {
        let fields = try read(bytes)
        guard let key = try fields.only(azureKeys) else {
            return try CredentialFields(
                among: fields,
                secretKeys: secretKeys,
                accountKeys: accountKeys
            )
        }
        if try fields.only(secretKeys) != nil { throw FormatFault(.duplicateField) }
        let plain = Field(range: key.range, codec: .plain(terminator: ASCII.semicolon))
        return CredentialFields(secret: plain, account: nil)
    }

    private static func read(_ bytes: ErasableBytes) throws(FormatFault) -> [KeyedField] {
        let fault: FormatFault
        do throws(FormatFault) {
            let fields = try SemicolonFields(bytes: bytes, dialect: .adoNet).read(from: 0)
            guard isODBC(fields) else { return fields }
            return try SemicolonFields(bytes: bytes, dialect: .braces).read(from: 0)
        } catch {
            fault = error
        }
        // Braces may hide what ADO.NET stumbles over, such as a semicolon.
        let fields: [KeyedField]
        do throws(FormatFault) {
            fields = try SemicolonFields(bytes: bytes, dialect: .braces).read(from: 0)
        } catch {
            throw fault
        }
        guard isODBC(fields) else { throw fault }
        return fields
    }

    private static func isODBC(_ fields: [KeyedField]) -> Bool {
        fields.contains { odbcKeys.contains($0.key) }
    }
}
