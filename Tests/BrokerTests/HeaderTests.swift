import RekeyPorts
import Testing

@testable import RabbitMQBroker

@Suite struct `What stands beside an event` {
    private static let believed: [String: AMQPTable.Value] = [
        EventProperties.firstUserHeader: .text("anne"),
        EventProperties.replayedByHeader: .text("rekey"),
        EventProperties.parkedAtHeader: .text("2026-11-23T00:00:00Z"),
        PropertyReader.deliveryCountHeader: .integer(4),
    ]

    // What says that an event was dead-lettered was hidden behind what its publisher put there.
    @Test(arguments: [(count: 300, size: 1), (count: 20, size: 1_000), (count: 1, size: 17_000)])
    func `hides nothing by which it is believed`(_ filler: (count: Int, size: Int)) {
        var values = Self.believed
        let text = String(repeating: "x", count: filler.size)
        // The table is in the order of the names.
        for number in 0..<filler.count { values["a\(number)"] = .text(text) }
        let headers = unsafe AMQPTable(values).withTable { unsafe PropertyReader.headers(in: $0) }
        #expect(headers[EventProperties.firstUserHeader] == "anne")
        #expect(headers[EventProperties.replayedByHeader] == "rekey")
        #expect(headers[EventProperties.parkedAtHeader] == "2026-11-23T00:00:00Z")
        #expect(headers[PropertyReader.deliveryCountHeader] == "4")
        #expect(headers.count <= PropertyReader.headerCountLimit + Self.believed.count)
    }
}
