/// Who may import whom: the table of the house style, module by module.
///
/// A folder of `Sources` that no row covers is a violation, so a new module gets its row first.
enum ImportTable {
    /// One module's row.
    struct Row: Sendable {
        let folder: String
        let imports: Set<String>
    }

    /// Parts of the toolchain that do nothing outside the process; anybody may use them.
    static let standard: Set = ["Swift", "Synchronization"]

    /// What each adapter may import, beside its one outside library.
    static let adapter: Set = [
        "RekeyCore", "RekeyPorts", "RekeyPlatform", "RekeyTelemetry", "Foundation", "Glibc",
        "Logging",
    ]

    private static let server: Set = [
        "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HTTPTypes", "NIOCore", "NIOSSL",
        "Logging",
        "ServiceLifecycle",
    ]

    static let rows: [Row] = [
        Row("Sources/Core/", ["Foundation"]),
        Row("Sources/Ports/", ["RekeyCore", "Foundation"]),
        Row(
            "Sources/Worker/",
            [
                "RekeyCore", "RekeyPorts", "RekeyTelemetry", "Logging", "ServiceLifecycle",
                "Foundation",
            ]
        ),
        Row(
            "Sources/Platform/",
            ["RekeyCore", "CCurl", "COpenSSL", "Foundation", "Glibc", "Dispatch"]
        ),
        Row(
            "Sources/Telemetry/",
            ["RekeyCore", "Logging", "Metrics", "CoreMetrics", "Foundation"]
        ),
        Row("Sources/Configuration/", ["RekeyCore", "Yams", "Foundation"]),
        Row(
            "Sources/Azure/",
            ["RekeyCore", "RekeyPlatform", "RekeyTelemetry", "Foundation", "Glibc"]
        ),
        Row(
            "Sources/Postgres/",
            ["RekeyCore", "RekeyPlatform", "CPostgres", "Foundation", "Glibc"]
        ),
        Row("Sources/Brokers/InMemory/", adapter),
        Row("Sources/Brokers/RabbitMQ/", adapter.union(["CRabbitMQ"])),
        Row("Sources/Journals/InMemory/", adapter),
        Row("Sources/Journals/Records/", adapter),
        Row("Sources/Journals/SQLite/", adapter.union(["JournalRecords", "GRDB", "GRDBSQLite"])),
        Row("Sources/Journals/Postgres/", adapter.union(["JournalRecords", "RekeyPostgres"])),
        Row("Sources/Vaults/InMemory/", adapter),
        Row("Sources/Vaults/AzureKeyVault/", adapter.union(["RekeyAzure"])),
        Row("Sources/Targets/InMemory/", adapter),
        Row("Sources/Targets/Postgres/", adapter.union(["RekeyPostgres"])),
        Row("Sources/Targets/EntraApplication/", adapter.union(["RekeyAzure"])),
        Row("Sources/Workloads/InMemory/", adapter),
        Row("Sources/Workloads/HTTP/", adapter),
        Row("Sources/Hooks/InMemory/", adapter),
        Row("Sources/Hooks/Automation/", adapter.union(["RekeyAzure"])),
        Row("Sources/Hooks/Site/", adapter),
        Row(
            "Sources/Gateway/",
            server.union([
                "RekeyCore", "RekeyPorts", "RekeyWorker", "RekeyTelemetry", "RekeyAzure",
                "Foundation",
            ])
        ),
        Row("Sources/Agent/", adapter),
        Row(
            "Sources/AzureStandIn/",
            server.union([
                "RekeyCore", "RekeyPlatform", "ArgumentParser", "UnixSignals", "Foundation",
            ])
        ),
    ]

    /// Files that may import more than their module, each with the reason.
    static let exceptions: [String: Set<String>] = [
        // explicit_bzero is the C library's.
        "Sources/Core/Secrets/Secret.swift": ["Glibc"],
        "Sources/Core/Secrets/Formats/ErasableBytes.swift": ["Glibc"],
        // write(2) takes a line whole; clock_gettime(2) is the only way to CLOCK_BOOTTIME.
        "Sources/Telemetry/LogOutput.swift": ["Glibc"],
        "Sources/Worker/SystemClock.swift": ["Glibc"],
    ]

    /// The only place that knows which adapter was chosen, so it may import all but this.
    static let commandLine = Row("Sources/CLI/", ["AzureStandIn", "azure_standin"])

    /// The one module that may import each C module; `rekey-bench raw` measures against the bare C.
    static let importersOfC: [String: [String]] = [
        "CCurl": ["Sources/Platform/"],
        "COpenSSL": ["Sources/Platform/"],
        "CPostgres": ["Sources/Postgres/"],
        "CRabbitMQ": ["Sources/Brokers/RabbitMQ/", "Tests/Benchmarks/", "Tests/Fuzz/"],
    ]
}

extension ImportTable.Row {
    fileprivate init(_ folder: String, _ imports: Set<String>) {
        self.init(folder: folder, imports: imports)
    }
}
