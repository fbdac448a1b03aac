// swift-tools-version: 6.2
import PackageDescription

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let unixSignals = Target.Dependency.product(
    name: "UnixSignals",
    package: "swift-service-lifecycle"
)
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let arguments = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)

let package = Package(
    name: "rekey",
    products: [
        .executable(name: "rekey", targets: ["rekey"]),
        .executable(name: "azure-standin", targets: ["azure-standin"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        // Without swift-configuration: what Rekey is told, `rekey.yaml` says.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git",
            from: "2.28.1",
            traits: ["FullFoundation"]
        ),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle.git",
            from: "2.13.0"
        ),
    ],
    targets: [
        // What Rekey is: decisions, seams, and the worker that acts.
        .target(name: "RekeyCore", path: "Sources/Core"),
        .target(name: "RekeyPorts", dependencies: ["RekeyCore"], path: "Sources/Ports"),
        .target(
            name: "RekeyWorker",
            dependencies: ["RekeyCore", "RekeyPorts", "RekeyTelemetry", logging, lifecycle],
            path: "Sources/Worker"
        ),
        .target(
            name: "RekeyPlatform",
            dependencies: ["CCurl", "COpenSSL", "RekeyCore"],
            path: "Sources/Platform"
        ),

        // Adapters: each knows one outside system.
        .target(
            name: "InMemoryBroker",
            dependencies: ["RekeyCore", "RekeyPorts"],
            path: "Sources/Brokers/InMemory"
        ),
        .target(
            name: "InMemoryJournal",
            dependencies: ["RekeyCore", "RekeyPorts"],
            path: "Sources/Journals/InMemory"
        ),
        .target(
            name: "InMemoryVault",
            dependencies: ["RekeyCore", "RekeyPorts"],
            path: "Sources/Vaults/InMemory"
        ),
        .target(
            name: "InMemoryTarget",
            dependencies: ["RekeyCore", "RekeyPorts"],
            path: "Sources/Targets/InMemory"
        ),
        .target(
            name: "InMemoryWorkload",
            dependencies: ["RekeyCore", "RekeyPorts"],
            path: "Sources/Workloads/InMemory"
        ),
        .target(
            name: "InMemoryHook",
            dependencies: ["RekeyCore", "RekeyPorts"],
            path: "Sources/Hooks/InMemory"
        ),
        .target(
            name: "JournalRecords",
            dependencies: ["RekeyCore", "RekeyPlatform", "RekeyPorts"],
            path: "Sources/Journals/Records"
        ),
        .target(
            name: "SQLiteJournal",
            dependencies: [
                "JournalRecords", "RekeyCore", "RekeyPlatform", "RekeyPorts", grdb, sqlite,
            ],
            path: "Sources/Journals/SQLite"
        ),
        .target(
            name: "PostgresJournal",
            dependencies: [
                "JournalRecords", "RekeyCore", "RekeyPlatform", "RekeyPorts", "RekeyPostgres",
            ],
            path: "Sources/Journals/Postgres"
        ),
        .target(
            name: "RabbitMQBroker",
            dependencies: ["CRabbitMQ", "RekeyCore", "RekeyPlatform", "RekeyPorts"],
            path: "Sources/Brokers/RabbitMQ"
        ),

        .target(
            name: "RekeyAzure",
            dependencies: ["RekeyCore", "RekeyPlatform", "RekeyTelemetry"],
            path: "Sources/Azure"
        ),
        .target(
            name: "AzureKeyVault",
            dependencies: ["RekeyAzure", "RekeyCore", "RekeyPlatform", "RekeyPorts"],
            path: "Sources/Vaults/AzureKeyVault"
        ),
        .target(
            name: "EntraApplicationTarget",
            dependencies: ["RekeyAzure", "RekeyCore", "RekeyPlatform", "RekeyPorts"],
            path: "Sources/Targets/EntraApplication"
        ),
        .target(
            name: "RekeyPostgres",
            dependencies: ["CPostgres", "RekeyCore", "RekeyPlatform"],
            path: "Sources/Postgres"
        ),
        .target(
            name: "PostgresTarget",
            dependencies: ["RekeyCore", "RekeyPlatform", "RekeyPorts", "RekeyPostgres"],
            path: "Sources/Targets/Postgres"
        ),
        .target(
            name: "HTTPWorkload",
            dependencies: ["RekeyCore", "RekeyPlatform", "RekeyPorts"],
            path: "Sources/Workloads/HTTP"
        ),
        .target(
            name: "AutomationHook",
            dependencies: ["RekeyAzure", "RekeyCore", "RekeyPlatform", "RekeyPorts"],
            path: "Sources/Hooks/Automation"
        ),
        .target(
            name: "SiteHook",
            dependencies: ["RekeyCore", "RekeyPlatform", "RekeyPorts"],
            path: "Sources/Hooks/Site"
        ),

        // What is around the worker.
        .target(
            name: "RekeyAgent",
            dependencies: ["RekeyCore", "RekeyPlatform", "RekeyPorts", logging],
            path: "Sources/Agent"
        ),
        .target(
            name: "RekeyConfiguration",
            dependencies: ["RekeyCore", yams],
            path: "Sources/Configuration"
        ),
        .target(
            name: "RekeyTelemetry",
            dependencies: ["RekeyCore", coreMetrics, logging],
            path: "Sources/Telemetry"
        ),
        .target(
            name: "RekeyGateway",
            dependencies: [
                "RekeyAzure", "RekeyCore", "RekeyPorts", "RekeyTelemetry", hummingbird,
                hummingbirdCore, hummingbirdTLS, lifecycle, logging,
            ],
            path: "Sources/Gateway"
        ),
        .executableTarget(
            name: "rekey",
            dependencies: [
                "AutomationHook", "AzureKeyVault", "EntraApplicationTarget", "HTTPWorkload",
                "JournalRecords", "PostgresJournal", "PostgresTarget", "RabbitMQBroker",
                "RekeyAgent", "RekeyAzure",
                "RekeyConfiguration", "RekeyCore", "RekeyGateway", "RekeyPlatform", "RekeyPorts",
                "RekeyPostgres", "RekeyTelemetry", "RekeyWorker", "SiteHook",
                "SQLiteJournal", arguments, coreMetrics, lifecycle, logging, unixSignals,
            ],
            path: "Sources/CLI"
        ),
        .executableTarget(
            name: "azure-standin",
            dependencies: [
                "RekeyCore", "RekeyPlatform", arguments, hummingbird, hummingbirdTLS, lifecycle,
                logging,
            ],
            path: "Sources/AzureStandIn"
        ),

        // C, by module maps only.
        .systemLibrary(
            name: "CCurl",
            path: "Sources/C/curl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .systemLibrary(
            name: "COpenSSL",
            path: "Sources/C/openssl",
            pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CRabbitMQ",
            path: "Sources/C/rabbitmq",
            pkgConfig: "librabbitmq",
            providers: [.apt(["librabbitmq-dev"])]
        ),
        .systemLibrary(
            name: "CPostgres",
            path: "Sources/C/postgres",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]
        ),

        // Tests.
        .target(name: "RealParts", path: "Tests/RealParts"),
        .target(
            name: "PortConformance",
            dependencies: ["RekeyCore", "RekeyPorts"],
            path: "Tests/PortConformance"
        ),
        .target(
            name: "StandInParts",
            dependencies: ["RealParts", "RekeyCore", "RekeyPlatform"],
            path: "Tests/StandInParts"
        ),
        .target(
            name: "PostgresParts",
            dependencies: [
                "PostgresTarget", "RealParts", "RekeyCore", "RekeyPorts", "RekeyPostgres",
            ],
            path: "Tests/PostgresParts"
        ),
        .target(
            name: "CrashSupport",
            dependencies: ["RekeyCore", "RekeyPorts"],
            path: "Tests/CrashSupport"
        ),
        .executableTarget(
            name: "crashing-worker",
            dependencies: [
                "AutomationHook", "AzureKeyVault", "CrashSupport", "EntraApplicationTarget",
                "PostgresJournal", "PostgresTarget", "RabbitMQBroker", "RekeyAzure", "RekeyCore",
                "RekeyPlatform", "RekeyPorts", "RekeyPostgres", "RekeyWorker", "SQLiteJournal",
                logging,
            ],
            path: "Tests/CrashingWorker"
        ),
        .testTarget(
            name: "CrashProcessTests",
            dependencies: [
                "AzureKeyVault", "CrashSupport", "EntraApplicationTarget", "PostgresJournal",
                "PostgresTarget", "RabbitMQBroker", "RealParts", "RekeyAzure", "RekeyCore",
                "RekeyPlatform", "RekeyPorts", "RekeyPostgres", "RekeyWorker", "SQLiteJournal",
                "StandInParts", "azure-standin", "crashing-worker",
            ]
        ),
        .executableTarget(
            name: "rekey-bench",
            dependencies: [
                "CRabbitMQ", "InMemoryTarget", "InMemoryVault", "InMemoryWorkload",
                "PostgresJournal", "RabbitMQBroker", "RealParts", "RekeyAzure", "RekeyCore",
                "RekeyPlatform", "RekeyPorts", "RekeyPostgres", "RekeyWorker", "SQLiteJournal",
                arguments, logging,
            ],
            path: "Tests/Benchmarks",
            exclude: ["celery"]
        ),
        .testTarget(
            name: "BorrowedSuiteTests",
            dependencies: [
                "EntraApplicationTarget", "InMemoryBroker", "InMemoryHook", "InMemoryJournal",
                "InMemoryTarget", "InMemoryVault", "InMemoryWorkload", "PostgresParts",
                "PostgresTarget", "RealParts", "RekeyAzure", "RekeyConfiguration", "RekeyCore",
                "RekeyPlatform", "RekeyPorts", "RekeyWorker", logging,
            ]
        ),
        .target(name: "SagaModel", dependencies: ["RekeyCore"], path: "Tests/SagaModel"),
        .testTarget(name: "CoreTests", dependencies: ["RekeyCore", "SagaModel"]),
        .target(
            name: "CrashLab",
            dependencies: [
                "CrashSupport", "InMemoryBroker", "InMemoryHook", "InMemoryJournal",
                "InMemoryTarget", "InMemoryVault", "RekeyCore", "RekeyPorts", "RekeyWorker",
                "SQLiteJournal", grdb, logging,
            ],
            path: "Tests/CrashLab"
        ),
        .target(
            name: "BrokerTrouble",
            dependencies: [
                "CrashSupport", "InMemoryTarget", "InMemoryVault", "RabbitMQBroker", "RealParts",
                "RekeyCore", "RekeyPorts", "RekeyWorker", "SQLiteJournal", logging,
            ],
            path: "Tests/BrokerTrouble"
        ),
        .testTarget(
            name: "BrokerTroubleTests",
            dependencies: ["BrokerTrouble", "RealParts"]
        ),
        .target(
            name: "Simulation",
            dependencies: [
                "CrashLab", "InMemoryBroker", "InMemoryHook", "InMemoryJournal", "InMemoryTarget",
                "InMemoryVault", "RekeyCore", "RekeyPorts", "RekeyWorker", logging,
            ],
            path: "Tests/Simulation"
        ),
        .executableTarget(
            name: "rekey-lab",
            dependencies: [
                "BrokerTrouble", "CrashLab", "CrashSupport", "RealParts", "RekeyCore", "Simulation",
                arguments,
            ],
            path: "Tests/Lab"
        ),
        .executableTarget(
            name: "rekey-fuzz",
            dependencies: [
                "AzureKeyVault", "CRabbitMQ", "EntraApplicationTarget", "JournalRecords",
                "PostgresTarget", "RabbitMQBroker", "RekeyAgent", "RekeyAzure",
                "RekeyConfiguration", "RekeyCore", "RekeyPlatform", "RekeyPorts", "SiteHook",
                arguments,
            ],
            path: "Tests/Fuzz"
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["RealParts", "rekey-fuzz"],
            exclude: ["Corpus"]
        ),
        .testTarget(name: "CrashTests", dependencies: ["CrashLab", "CrashSupport", "RekeyCore"]),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation"]),
        .testTarget(name: "ModelTests", dependencies: ["RealParts"]),
        .testTarget(name: "PlatformTests", dependencies: ["RekeyCore", "RekeyPlatform"]),
        .testTarget(name: "RealPartsTests", dependencies: ["RealParts"]),
        .testTarget(name: "TidyTests"),
        .testTarget(
            name: "AzureStandInTests",
            dependencies: ["azure-standin"],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "JournalTests",
            dependencies: [
                "InMemoryJournal", "JournalRecords", "PortConformance", "PostgresJournal",
                "RealParts",
                "RekeyCore", "RekeyPorts", "RekeyPostgres", "SQLiteJournal", grdb,
            ],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "BrokerTests",
            dependencies: [
                "CRabbitMQ", "InMemoryBroker", "PortConformance", "RabbitMQBroker", "RealParts",
                "RekeyCore", "RekeyPlatform", "RekeyPorts",
            ]
        ),
        .testTarget(
            name: "TargetTests",
            dependencies: [
                "InMemoryTarget", "PortConformance", "PostgresParts", "PostgresTarget", "RealParts",
                "RekeyCore", "RekeyPorts", "RekeyPostgres",
            ]
        ),
        .testTarget(
            name: "AzureTests",
            dependencies: [
                "AzureKeyVault", "EntraApplicationTarget", "InMemoryVault", "PortConformance",
                "RealParts", "RekeyAzure", "RekeyCore", "RekeyPlatform", "RekeyPorts",
                "StandInParts", "azure-standin",
            ],
            exclude: ["Recordings"]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "RealParts", "RekeyCore", "RekeyPlatform", "RekeyPorts", "RabbitMQBroker",
                "SQLiteJournal", "StandInParts", "azure-standin", "rekey",
            ]
        ),
        .testTarget(
            name: "CLITests",
            dependencies: [
                "InMemoryJournal", "InMemoryVault", "PortConformance", "RealParts",
                "RekeyConfiguration", "RekeyCore", "RekeyPorts", "RekeyWorker", "SQLiteJournal",
                "SagaModel", "rekey",
            ]
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "InMemoryBroker", "InMemoryJournal", "RealParts", "RekeyAzure", "RekeyCore",
                "RekeyGateway", "RekeyPlatform", "RekeyPorts", "RekeyTelemetry", "RekeyWorker",
                logging,
            ]
        ),
        .testTarget(
            name: "HookTests",
            dependencies: [
                "AutomationHook", "RealParts", "RekeyAzure", "RekeyCore", "RekeyPlatform",
                "RekeyPorts", "SiteHook", "azure-standin",
            ]
        ),
        .testTarget(
            name: "WorkloadTests",
            dependencies: ["HTTPWorkload", "RealParts", "RekeyCore", "RekeyPlatform", "RekeyPorts"]
        ),
        .testTarget(
            name: "SiteTests",
            dependencies: [
                "InMemoryBroker", "RealParts", "RekeyAgent", "RekeyCore", "RekeyPlatform",
                "RekeyPorts", "RekeyWorker", "SiteHook", logging,
            ]
        ),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: ["RekeyConfiguration", "RekeyCore", yams]
        ),
        .testTarget(
            name: "TelemetryTests",
            dependencies: ["RekeyCore", "RekeyTelemetry", coreMetrics, logging]
        ),
        .testTarget(
            name: "WorkerTests",
            dependencies: [
                "CrashSupport", "InMemoryBroker", "InMemoryHook", "InMemoryJournal",
                "InMemoryTarget", "InMemoryVault", "InMemoryWorkload", "RealParts", "RekeyCore",
                "RekeyPorts", "RekeyWorker", "SagaModel", logging,
            ]
        ),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
    ]
}

// What tests compute with for minutes is optimised where the scripts build it, and nowhere else:
// a debugger cannot step through it.
let computed: Set = [
    "CrashLab", "CrashSupport", "InMemoryBroker", "InMemoryHook", "InMemoryJournal",
    "InMemoryTarget", "InMemoryVault", "InMemoryWorkload", "JournalRecords", "RekeyCore",
    "RekeyWorker", "SagaModel", "Simulation", "TidyTests",
]
if Context.environment["REKEY_OPTIMIZE_COMPUTED"] == "yes" {
    for target in package.targets where computed.contains(target.name) {
        target.swiftSettings?.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
    }
}
