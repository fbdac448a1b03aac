/// A statement of this program's own text, which the server plans once for each connection, with
/// the parameters of one use.
package struct PostgresCall: Sendable {
    /// By which the server keeps the plan, and a failure names the call.
    package let name: String
    package let sql: String
    package let parameters: [PostgresValue]

    package init(_ name: String, _ sql: String, _ parameters: [PostgresValue] = []) {
        self.name = name
        self.sql = sql
        self.parameters = parameters
    }
}
