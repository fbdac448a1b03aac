import RekeyConfiguration
import RekeyCore

extension AccessPolicy {
    /// The configuration's permissions as the worker judges by them.
    ///
    /// Without the section `permissions` anybody who may write to the broker's intake may ask for
    /// routine rotations, and nobody for more. `gateway` is the user as which it publishes.
    init(_ permissions: Permissions, gateway: String?) {
        guard !permissions.allowed.isEmpty else {
            self = .requestsOnly
            gatewayUser = gateway
            return
        }
        var allowed: [Act: Set<Requester>] = [:]
        for (act, identities) in permissions.allowed {
            allowed[Act(act)] = Set(identities.map(Requester.init))
        }
        self.init(allowed: allowed, gatewayUser: gateway)
    }
}

extension Settings {
    /// The broker's user whose word about callers counts: the one that is named, or our own where
    /// this program is the gateway.
    var gatewayUser: String? {
        permissions.gatewayUser ?? (gateway == nil ? nil : broker.user)
    }
}

extension AccessPolicy.Act {
    fileprivate init(_ act: Permissions.Act) {
        switch act {
        case .request: self = .request
        case .approve: self = .approve
        case .compromise: self = .compromise
        }
    }
}

extension AccessPolicy.Requester {
    fileprivate init(_ identity: Permissions.Identity) {
        switch identity {
        case .user(let name): self = .user(name)
        case .person(let name): self = .person(name)
        }
    }
}
