/// Which of the doubled systems a request is for; each has a port of its own.
enum API: Hashable, Sendable {
    case login
    case graph
    case arm
    case identity
    case control
    case keyVault(String)

    /// As faults, permissions and the change log call it.
    var name: String {
        switch self {
        case .login: "login"
        case .graph: "graph"
        case .arm: "arm"
        case .identity: "identity"
        case .control: "control"
        case .keyVault: "keyvault"
        }
    }

    var vault: String? {
        guard case .keyVault(let name) = self else { return nil }
        return name
    }

    /// Azure's APIs are HTTPS; the identity endpoint and the control port are loopback HTTP.
    var isEncrypted: Bool {
        switch self {
        case .login, .graph, .arm, .keyVault: true
        case .identity, .control: false
        }
    }
}
