/// Where an audited word may stand, each place with the reason.
struct AllowList: Sendable {
    let word: String
    /// Which part of the tree is audited.
    let folders: [String]
    /// A file, or a folder with its last slash, and why it needs the word.
    let entries: [String: String]

    func allows(_ path: String) -> Bool { entries.keys.contains { path.hasPrefix($0) } }

    static let all = [unsafeCode, uncheckedSendable, unsafeIsolation, reveal]

    static let unsafeCode = AllowList(
        word: "unsafe",
        folders: ["Sources/", "Tests/RealParts/"],
        entries: [
            "Sources/Core/Secrets/Secret.swift": "owns the bytes and erases them",
            "Sources/Core/Secrets/Formats/ErasableBytes.swift": "erases what it copied",
            "Sources/Platform/": "calls OpenSSL, libcurl and the kernel",
            "Sources/Brokers/RabbitMQ/": "calls librabbitmq, poll and eventfd",
            "Sources/Postgres/": "calls libpq",
            "Sources/Journals/SQLite/JournalFile.swift":
                "syncs the folder and sets SQLite's options",
            "Sources/Azure/": "builds bodies as bytes and erases them after the call",
            "Sources/Targets/EntraApplication/EntraApplicationTarget.swift":
                "compares a secret's beginning with Graph's hint",
            "Sources/Workloads/HTTP/HTTPWorkload.swift": "reads an answer as JSON",
            "Sources/Hooks/Automation/JSONText.swift": "writes the value into a job's body",
            "Sources/Agent/EnvironmentFile.swift": "writes the value into a file",
            "Sources/Agent/SiteCommand.swift": "hands the value to a command's input",
            "Sources/Telemetry/LogOutput.swift": "writes to standard error with write(2)",
            "Sources/Worker/SystemClock.swift": "reads CLOCK_BOOTTIME",
            "Sources/CLI/AzureAccess.swift": "reads a certificate, which is no secret",
            "Sources/AzureStandIn/EventGrid/Webhook.swift": "reads the answer to a handshake",
            "Tests/RealParts/ChildLife.swift": "waits for a child with waitid",
            "Tests/RealParts/Descriptor.swift": "opens descriptors and sends on a socket",
            "Tests/RealParts/FreePort.swift": "binds and connects sockets",
            "Tests/RealParts/Spawn.swift": "calls posix_spawn",
        ]
    )

    static let uncheckedSendable = AllowList(
        word: "@unchecked Sendable",
        folders: ["Sources/", "Tests/"],
        entries: [
            "Sources/Core/Secrets/Secret.swift": "the buffer is written once, before it is shared",
            "Sources/Platform/HTTP/MultiHandle.swift": "used on one thread only",
            "Sources/Platform/Crypto/PKey.swift": "OpenSSL counts references and only reads it",
            "Sources/Platform/Crypto/X509Certificate.swift": "OpenSSL counts references",
            "Tests/PlatformTests/ChildProcess.swift": "any thread may ask a running Process",
        ]
    )

    static let unsafeIsolation = AllowList(
        word: "nonisolated(unsafe)",
        folders: ["Sources/", "Tests/"],
        entries: [:]
    )

    static let reveal = AllowList(
        // Without the dot: an extension of Secret can say `reveal` alone.
        word: "reveal",
        folders: ["Sources/"],
        entries: [
            "Sources/Core/Secrets/Secret.swift": "compares two in constant time",
            "Sources/Core/Secrets/Formats/ErasableBytes.swift": "puts it into a document",
            "Sources/Platform/": "sends, hashes, encrypts, signs or writes what it is lent",
            "Sources/Brokers/RabbitMQ/": "signs in to the broker",
            "Sources/Azure/": "writes request bodies and reads answers",
            "Sources/Postgres/": "hands a password or a verifier to libpq",
            "Sources/Workloads/HTTP/HTTPWorkload.swift": "reads an answer as JSON",
            "Sources/Hooks/Automation/JSONText.swift": "writes the value into a job's body",
            "Sources/Agent/EnvironmentFile.swift": "writes the value into a file",
            "Sources/Agent/SiteCommand.swift": "hands the value to a command's input",
            "Sources/Targets/EntraApplication/EntraApplicationTarget.swift":
                "compares a secret's beginning with Graph's hint",
            "Sources/CLI/AzureAccess.swift": "reads a certificate, which is no secret",
            "Sources/AzureStandIn/EventGrid/Webhook.swift": "reads the answer to a handshake",
        ]
    )
}
