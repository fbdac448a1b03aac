package import Foundation
package import RekeyCore
package import RekeyPorts

extension InMemoryTarget: InstallingTarget {
    package func install(_ credential: Credential, fence: Fence) async throws(StepFailure) {
        try call(.install) { world throws(StepFailure) in
            try world.install(credential, fence: fence)
        }
    }
}

extension InMemoryTarget: IssuingTarget {
    package func issue(
        _ key: NaturalKey,
        expires: Date?
    ) async throws(StepFailure) -> IssuedCredential {
        try call(.issue) { world throws(StepFailure) in
            try world.issue(key, expires: expires)
        }
    }

    package func issued(_ key: NaturalKey) async throws(StepFailure) -> [AccountID] {
        try call(.issued) { world throws(StepFailure) in
            world.slots.filter { $0.label == key.text }.map(\.account)
        }
    }
}

extension InMemoryTarget: RegeneratingTarget {
    package func regenerate(_ slot: AccountID, key: NaturalKey) async throws(StepFailure) {
        try call(.regenerate) { world throws(StepFailure) in
            try world.regenerate(slot, key: key)
        }
    }

    package func value(of slot: AccountID) async throws(StepFailure) -> Secret {
        try call(.value) { world throws(StepFailure) in try world.handOut(slot) }
    }
}
