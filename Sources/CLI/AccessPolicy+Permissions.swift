import RekeyConfiguration
import RekeyCore

extension AccessPolicy {
    /// The configuration's permissions as the worker judges by them.
    ///
    /// Without the section `permissions` anybody who may write to the broker's intake may ask for
    /// routine rotations, and nobody for more.
    init(_ permissions: Permissions) {
        guard !permissions.allowed.isEmpty else {
            self = .requestsOnly
            return
        }
        var allowed: [Act: Set<Requester>] = [:]
        for (act, identities) in permissions.allowed {
            allowed[Act(act)] = Set(identities.map(Requester.init))
        }
        self.init(allowed: allowed, gatewayUser: permissions.gatewayUser)
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
