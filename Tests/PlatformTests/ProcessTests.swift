import Foundation
import Glibc
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `This process` {
    @Test func `leaves no core file once it is hardened`() throws {
        for _ in 0..<2 { #expect(ProcessHardening.apply().isEmpty) }
        #expect(!ProcessHardening.allowsDumps)
        var limit = rlimit(rlim_cur: 1, rlim_max: 1)
        #expect(unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0)
        #expect(limit.rlim_cur == 0)
        #expect(limit.rlim_max == 0)
    }

    @Test func `reads the time since the machine started`() throws {
        let before = BootTime.now()
        let text = try String(contentsOfFile: "/proc/uptime", encoding: .utf8)
        let after = BootTime.now()
        let uptime = try #require(text.split(separator: " ").first.flatMap { Double($0) })
        // The kernel writes hundredths.
        #expect(.seconds(uptime) > before - .milliseconds(20))
        #expect(.seconds(uptime) < after + .milliseconds(20))
        #expect(before < after)
    }
}
