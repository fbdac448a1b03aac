#if DEBUG
import Foundation
import RekeyCore

@testable import RekeyConfiguration
@testable import RekeyPlatform

extension FuzzTarget {
    /// `rekey.yaml`, whose mistakes are named by place and key, never by value.
    static let configuration = FuzzTarget(
        "configuration",
        words: [
            "installation: ", "journal:\n", "secrets:\n", "  - ", "{", "}", "[", "]", "&a ", "*a",
            "<<: *a", "!!binary ", "? ", "|\n ", ">\n ", "---\n", "...\n", "%YAML 1.1\n", "\"", "'",
            "30d", "999999999d", "env:P", "file:/x", "vault:prod/x", "02:30", "٠٢:٣٠",
        ],
        byteLimit: 8_192
    ) { input in
        guard let text = String(validating: input, as: UTF8.self) else { return }
        do throws(ConfigurationErrors) {
            _ = try Settings.parse(text)
        } catch {
            for error in error.errors {
                try promise("an error quotes a value", !error.problem.contains(Canary.text))
                try promise("an error is too long", error.problem.utf8.count <= 1_024)
                try promise("an error has no place", error.line >= 1 && error.column >= 1)
            }
        }
    }

    /// Addresses of the configuration mean the same host to us and to libcurl.
    static let addresses = FuzzTarget(
        "addresses",
        words: ["https://", "amqps://", "@", ":", ":443", "[::1]", "/", "\\", "?", "#", "%2e", "。"]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        guard case .success(let own) = WebAddress.parse(text, schemes: ["https"]) else { return }
        let curl: HTTPAddress
        do { curl = try HTTPAddress(text) } catch { return try Canary.check(error) }
        // libcurl writes out `127.1`, `0x7f.1`, `[::0]` and the like, which name no host.
        let isNumber = own.host.split(separator: ".").allSatisfy {
            $0.hasPrefix("0x") || $0.hasPrefix("0X") || $0.allSatisfy(\.isNumber)
        }
        guard !isNumber, !own.host.contains(":") else { return }
        let expected = "\(own.host):\(own.port ?? 443)"
        try promise(
            "libcurl reads another host",
            curl.hostAndPort.lowercased() == expected.lowercased()
        )
    }

    private static let dateWords = [
        "2026-11-21T21:00:00Z", "+02:00", "-23:59", ".123", "T", "Z", "0000", "9999", "-292277022",
    ]

    /// Instants of events, and durations as people write them.
    static let times = FuzzTarget("times", words: dateWords + ["d", "h", "ms", "999999999"]) {
        input in
        let text = String(decoding: input, as: UTF8.self)
        if let date = Timestamp.date(text) {
            let written = Timestamp.text(date)
            guard let again = Timestamp.date(written) else {
                throw BrokenPromise("\(written) does not read back")
            }
            try promise("a time changes by being written", Timestamp.text(again) == written)
        }
        if let seconds = DurationText.seconds(text) {
            try promise("a duration without end", seconds.isFinite && seconds >= 0)
            let again = DurationText.seconds(DurationText.text(seconds))
            try promise("a duration changes by being written", again == seconds)
        }
    }

    /// Maintenance windows in zones of any name: `zone|opens|closes|seconds since 1970`.
    static let windows = FuzzTarget(
        "windows",
        words: ["Africa/Cairo", "Europe/Berlin", "UTC", "|", "../", "/etc/", "GMT+1", "Asia/Kabul"]
    ) { input in
        let parts = String(decoding: input, as: UTF8.self).split(separator: "|").map(String.init)
        guard parts.count == 4, let opens = Int(parts[1]), let closes = Int(parts[2]),
            let seconds = Double(parts[3]), (0..<1_440).contains(opens),
            (0..<1_440).contains(closes), abs(seconds) < 1e11
        else { return }
        let window = MaintenanceWindow(
            zone: parts[0],
            days: Set(MaintenanceWindow.Weekday.allCases),
            opensAtMinute: opens,
            closesAtMinute: closes,
            onMissed: .next
        )
        let now = Date(timeIntervalSince1970: seconds)
        guard let opening = window.opening(endingAfter: now) else {
            return try promise(
                "a window that never opens",
                !MaintenanceWindow.isZone(parts[0]) || opens == closes
            )
        }
        try promise("an opening that is over", opening.end > now)
        // A day, and what a change of the clocks moves.
        try promise("an opening too long", opening.duration <= 27 * 3_600)
        try promise("an opening too late", opening.start.timeIntervalSince(now) <= 3 * 86_400)
    }
}
#endif
