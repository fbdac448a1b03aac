/// What an API answers, what it changed, and what must happen besides.
struct Answer: Sendable {
    /// What the stand-in must do after the state has changed.
    enum Effect: Sendable {
        case runJob(String)
        /// To one subscription, or to all that take it.
        case publish(VaultEvent, to: String?)
        case startVault(String)
    }

    var status: Int
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    /// As faults and the change log call it.
    var operation = "unknown"
    /// The application id of whoever asked.
    var principal: String?
    /// What changed, for the change log; never with a value.
    var change: JSON?
    var effects: [Effect] = []
    /// A token that was granted and must be signed before the answer goes out.
    var token: TokenGrant?

    init(_ status: Int, _ json: JSON? = nil, headers: [String: String] = [:]) {
        self.status = status
        self.headers = headers
        if let json {
            body = json.bytes
            self.headers["content-type"] =
                headers["content-type"] ?? "application/json; charset=utf-8"
        }
    }

    func changing(_ change: JSON, effects: [Effect] = []) -> Answer {
        var copy = self
        copy.change = change
        copy.effects += effects
        return copy
    }
}
