import Foundation
import RekeyCore
import Testing

@Suite struct `An instant` {
    @Test(arguments: [
        1e300, -1e300, .infinity, -.infinity, .nan, 253_402_300_800, -62_135_596_800,
    ])
    func `that no date reaches is written as the nearest one`(seconds: Double) {
        let text = Timestamp.text(Date(timeIntervalSince1970: seconds))
        let end = seconds > 0 ? "9999-12-31T23:59:59.999Z" : "1583-01-01T00:00:00.000Z"
        #expect(text == end)
        #expect(Timestamp.date(text).map(Timestamp.text) == text)
    }

    @Test(arguments: ["0001-01-01T00:00:00Z", "1582-12-31T23:59:59Z", "1500-06-01T00:00:00.5Z"])
    func `of another calendar is not read`(text: String) {
        #expect(Timestamp.date(text) == nil)
    }

    @Test(arguments: ["1583-01-01T00:00:00.000Z", "2026-11-21T21:00:00.678Z"])
    func `reads back as it was written`(text: String) {
        #expect(Timestamp.date(text).map(Timestamp.text) == text)
    }
}
