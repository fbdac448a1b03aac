import Foundation
import RekeyConfiguration
import Testing

/// `contracts/rekey.schema.json` against what the reader looks for.
@Suite struct `The schema of the configuration` {
    /// Texts that together make the reader look for every key there is.
    private static let everything = [
        """
        installation: a
        journal: {postgres: {tls: {}}}
        broker: {}
        azure: {identity: {clientSecret: {}}}
        gateway: {eventGrid: {header: {}}}
        environments: [e]
        vaults: {v: {}}
        stagingVault: v
        policies:
          default: {generator: {password: {}}, window: {}, deadlines: {}, attempts: {}}
          environments: {e: {generator: {password: {}}, window: {}, deadlines: {}, attempts: {}}}
          kinds: {none: {generator: {password: {}}, window: {}, deadlines: {}, attempts: {}}}
        targets:
          p: {postgres: {tls: {}, administrator: {}}}
          e: {entraApplication: {}}
        workloads: {w: {http: {checks: [{}]}, sessions: {}}}
        sites: {s: {}}
        hooks: {a: {automation: {parameters: {}}}, s: {site: {}}}
        signer: {}
        permissions: {}
        worker: {}
        logs: {}
        secrets:
          - carrier: {format: {list: comma}}
            target: {postgres: {tls: {}, administrator: {}}}
            policy: {generator: {password: {}}, window: {}, deadlines: {}, attempts: {}}
          - carriers: [{format: {list: comma}}]
            target: {entraApplication: {}}
        """,
        "{azure: {identity: {certificate: {}}}, gateway: {eventGrid: {entra: {}}}}",
        "azure: {identity: {federated: {}}}",
        "azure: {identity: {managedIdentity: {}}}",
    ]

    private var keysOfTheReader: Set<String> {
        Set(Self.everything.flatMap { Settings.keysLookedFor(in: $0) })
    }

    @Test func `has every key that the reader looks for`() throws {
        #expect(keysOfTheReader.subtracting(try Contracts.keys(of: "rekey.schema.json")) == [])
    }

    @Test func `has no key that the reader does not look for`() throws {
        #expect(try Contracts.keys(of: "rekey.schema.json").subtracting(keysOfTheReader) == [])
    }

    @Test func `lets nothing unknown pass`() throws {
        let schema = try Contracts.object("rekey.schema.json")
        #expect(Contracts.openObjects(in: schema) == [])
    }
}
