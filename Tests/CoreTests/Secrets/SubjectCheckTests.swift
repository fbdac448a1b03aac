import RekeyCore
import Testing

@Suite struct `A subject check` {
    @Test func `refuses what only its own key ring can read`() {
        #expect(SubjectCheck.refusal(of: Secret("CfDJ8Abc_123-xyz")) == .dataProtectionPayload)
        #expect(SubjectCheck.refusal(of: Secret(" \"CfDJ8Abc\"")) == .dataProtectionPayload)
    }

    @Test func `refuses a key ring`() {
        let ring = "<?xml version=\"1.0\"?><key id=\"1\"><descriptor deserializerType=\"x\"/></key>"
        #expect(SubjectCheck.refusal(of: Secret(ring)) == .keyRing)
        #expect(SubjectCheck.refusal(of: Secret("<a><EncryptedData/></a>")) == .keyRing)
    }

    @Test func `lets credentials pass`() {
        for text in ["s3cret", "Server=a;Password=<x>", "xCfDJ8", "", "{\"a\":\"b\"}"] {
            #expect(SubjectCheck.refusal(of: Secret(text)) == nil)
        }
    }

    @Test func `says why, without the value`() {
        #expect(SubjectRefusal.dataProtectionPayload.description.contains("key ring"))
        #expect(SubjectRefusal.keyRing.description.contains("loses data"))
    }
}
