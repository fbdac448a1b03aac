import CrashSupport

extension SeamPoint {
    /// Which faults make sense here.
    var faults: [SeamFault] { kinds.map { SeamFault($0, at: self) } }

    private var kinds: [SeamFault.Kind] {
        let isBefore = side == .before
        let call = name.split(separator: ".").last.map(String.init) ?? name
        switch name.prefix(while: { $0 != "." }) {
        // It changes nothing: a process that ends here leaves what one leaves at the next call.
        case "reader": return isBefore ? [.transient] : []
        case "journal": return isBefore ? [.crash, .transient] : [.crash, .unknown]
        case "broker":
            if isBefore {
                return call == "publish" ? [.crash, .transient, .unknown] : [.crash, .transient]
            }
            return call == "publish" ? [.crash, .unknown] : [.crash]
        default: break
        }
        guard isBefore else { return Self.deeds.contains(call) ? [.crash, .unknown] : [.crash] }
        if Self.deeds.contains(call) { return SeamFault.Kind.allCases }
        // A hook that is followed never answers so.
        return call == "follow"
            ? [.crash, .transient, .permanent] : [.crash, .transient, .permanent, .unknown]
    }

    private static let deeds: Set<String> = [
        "write", "disable", "retag", "install", "issue", "regenerate", "retire", "refresh", "start",
    ]
}
