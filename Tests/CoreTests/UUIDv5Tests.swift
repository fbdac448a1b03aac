import RekeyCore
import Testing

@Suite struct `A name-based UUID` {
    // RFC 9562, appendix A.4: www.example.com in the namespace of DNS.
    @Test(arguments: [
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
    ])
    func `is the standard's`(namespace: String) {
        #expect(
            UUIDv5.text(in: namespace, ["www.example.com"])
                == "2ed6657d-e927-568b-95e1-2665a8aea6a2"
        )
    }

    // The first 16 bytes of the text's own SHA-1, by Python's hashlib and uuid.
    @Test(arguments: [
        ("", "da39a3ee-5e6b-5b0d-b255-bfef95601890"),
        ("6ba7b810-9dad-11d1-80b4-00c04fd430cg", "113360c4-afbd-515d-b47d-f65844e228ee"),
        ("6ba7b810x9dad-11d1-80b4-00c04fd430c8", "96bfb1da-840c-51ff-8454-bb25ed315db8"),
    ])
    func `takes a namespace that is no UUID as it stands`(namespace: String, uuid: String) {
        #expect(UUIDv5.text(in: namespace, [""]) == uuid)
    }
}
