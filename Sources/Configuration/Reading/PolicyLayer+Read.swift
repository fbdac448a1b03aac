import RekeyCore

extension PolicyLayer {
    /// Every limit of a policy's durations, in seconds.
    enum Limits {
        static let lifetime = 60.0...63_072_000.0
        static let threshold = 1.0...31_536_000.0
        static let grace = 0.0...7_776_000.0
        static let deadline = 1.0...604_800.0
        static let approval = 60.0...2_592_000.0
        /// The longest is under the two minutes that a claim is held for.
        static let call = 1.0...110.0
        static let backoff = 0.01...3_600.0
        static let valueAttempts = 1...10
        static let callAttempts = 1...100
        static let probesPerHour = 1...1_000
    }

    init(_ section: Section) {
        self.init()
        isEnabled = section.flag("enabled")
        lifetimeSeconds = section.duration("lifetime", in: Limits.lifetime)
        thresholdSeconds = section.duration("updateThreshold", in: Limits.threshold)
        graceSeconds = section.duration("grace", in: Limits.grace)
        notifiesNearExpiry = section.flag("notifyNearExpiry")
        needsApproval = section.flag("approval")
        window = section.section("window").flatMap(MaintenanceWindow.init)
        generator = section.node("generator").flatMap { _ in GeneratorPolicy(section) }
        if let inner = section.section("deadlines") {
            proveDeadlineSeconds = inner.duration("prove", in: Limits.deadline)
            verifyDeadlineSeconds = inner.duration("verify", in: Limits.deadline)
            hookDeadlineSeconds = inner.duration("hook", in: Limits.deadline)
            approvalDeadlineSeconds = inner.duration("approval", in: Limits.approval)
            callDeadlineSeconds = inner.duration("call", in: Limits.call)
            inner.finish()
        }
        if let inner = section.section("attempts") {
            valueAttempts = inner.integer("values", in: Limits.valueAttempts)
            callAttempts = inner.integer("calls", in: Limits.callAttempts)
            probesPerHour = inner.integer("probesPerHour", in: Limits.probesPerHour)
            firstBackoffSeconds = inner.duration("firstBackoff", in: Limits.backoff)
            longestBackoffSeconds = inner.duration("longestBackoff", in: Limits.backoff)
            inner.finish()
        }
        section.finish()
    }
}

extension GeneratorPolicy {
    /// Reads `uuid`, or a mapping with one key: `password`, `hex` or `base64url`.
    fileprivate init?(_ parent: Section) {
        if !parent.isMapping("generator") {
            guard parent.text("generator") == "uuid" else {
                parent.add("expected `uuid`, `password`, `hex` or `base64url`", at: "generator")
                return nil
            }
            self = .uuid
            return
        }
        guard let section = parent.section("generator") else { return nil }
        let generator = Self.read(section)
        section.finish()
        guard let generator else { return nil }
        self = generator
    }

    private static func read(_ section: Section) -> Self? {
        let hex = section.integer("hex", in: byteCounts)
        let base64url = section.integer("base64url", in: byteCounts)
        let inner = section.section("password")
        let length = inner?.integer("length", in: passwordLengths)
        let names = inner?.texts("classes")
        inner?.finish()
        let kinds = ["hex", "base64url", "password"].filter(section.has)
        guard kinds.count == 1 else {
            section.findings.add("expected exactly one of \(words(Self.kinds))", at: section.place)
            return nil
        }
        if let hex { return .hex(byteCount: hex) }
        if let base64url { return .base64url(byteCount: base64url) }
        guard let inner else { return nil }
        guard inner.has("classes") else { return .password(length: length ?? 32) }
        let classes = Set((names ?? []).compactMap(CharacterClass.init))
        guard classes.count == names?.count, !classes.subtracting([.signs]).isEmpty else {
            let known = words(CharacterClass.allCases.map(\.rawValue))
            inner.add("expected a list of \(known), not of signs alone", at: "classes")
            return nil
        }
        return .password(length: length ?? 32, classes: classes)
    }

    private static let kinds = ["password", "hex", "base64url"]
}
