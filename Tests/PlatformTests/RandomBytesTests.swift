import RekeyCore
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Random bytes` {
    @Test(arguments: [0, 1, 32, 256, 257, 5000])
    func `are as many as asked for, and others each time`(count: Int) {
        let first = RandomBytes.array(count: count)
        #expect(first.count == count)
        #expect(count < 16 || first != RandomBytes.array(count: count))
        #expect(RandomBytes.secret(byteCount: count).byteCount == count)
    }

    @Test func `take every value, to the last of them`() {
        let bytes = RandomBytes.array(count: 100_000)
        #expect(Set(bytes).count == 256)
        #expect(Set(bytes.suffix(10_000)).count == 256)
    }
}
