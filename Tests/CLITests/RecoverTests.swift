import Foundation
import RekeyConfiguration
import RekeyCore
import RekeyPorts
import Testing

@testable import rekey

@Suite struct `Journal and vaults` {
    private func differences(recorded: Int, tagged: Int?) throws -> [String] {
        let definition = try #require(try Unreadable.settings().definitions.first)
        var record = CredentialRecord(id: definition.id, adoptedAt: Date())
        record.sequence = recorded
        let carrier = AdmissionFacts.Carrier(latest: "v1", expires: nil, sequence: tagged)
        let facts = AdmissionFacts(carriers: [carrier], recordedSequence: recorded)
        return Recover.differences(definition, record, facts)
    }

    @Test func `agree on a sequence`() throws {
        #expect(try differences(recorded: 7, tagged: 7) == [])
        #expect(try differences(recorded: 7, tagged: nil) == [])
        #expect(try differences(recorded: RekeyTag.endOfSequences - 1, tagged: 3) == [])
    }

    @Test func `differ where the journal is behind`() throws {
        let found = try differences(recorded: 6, tagged: 7)
        #expect(found == ["prod/Erp has sequence 7, the journal 6: the journal is old or lost"])
    }

    /// The tag is right again, and only a record built anew lets the secret rotate.
    @Test func `differ where the journal believed a forged sequence`() throws {
        for recorded in [RekeyTag.endOfSequences, Int.max] {
            let found = try differences(recorded: recorded, tagged: 7)
            #expect(found.count == 1)
            #expect(found.first?.hasPrefix("the journal's sequence \(recorded) is no ") == true)
        }
    }
}
