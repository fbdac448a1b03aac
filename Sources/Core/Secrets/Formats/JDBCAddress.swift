/// JDBC URLs: parameters behind `?`, or SQL Server's properties behind semicolons.
///
/// Sources: "Building the connection URL" of Microsoft's JDBC driver, pgJDBC's
/// `Driver.parseURL`, Connector/J's "Connection URL syntax". Oracle's `thin:user/password@` is not
/// supported.
enum JDBCAddress {
    private static let prefix = "jdbc:"

    static func fields(in bytes: ErasableBytes) throws(FormatFault) -> CredentialFields {
        guard begins(bytes, prefix) else { throw FormatFault(.malformed, at: 0) }
        if begins(bytes, "jdbc:sqlserver:") { return try properties(bytes, .braces) }
        if begins(bytes, "jdbc:jtds:") { return try properties(bytes, .plain) }
        return try URLFields(bytes: bytes, start: prefix.utf8.count, plusIsSpace: true).fields()
    }

    private static func properties(
        _ bytes: ErasableBytes,
        _ dialect: SemicolonFields.Dialect
    ) throws(FormatFault) -> CredentialFields {
        let semicolon = (0..<bytes.count).first { bytes[$0] == ASCII.semicolon } ?? bytes.count
        return try CredentialFields(
            among: try SemicolonFields(bytes: bytes, dialect: dialect).read(from: semicolon),
            secretKeys: ["password"],
            accountKeys: ["user", "username"]
        )
    }

    private static func begins(_ bytes: ErasableBytes, _ text: String) -> Bool {
        text.utf8.enumerated().allSatisfy { index, byte in
            guard let found = bytes.byte(at: index) else { return false }
            return (found.isLetter ? found | 0x20 : found) == byte
        }
    }
}
