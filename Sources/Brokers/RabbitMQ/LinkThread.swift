import RekeyPlatform

/// Runs a connection's blocking loop on a thread of its own.
actor LinkThread {
    /// librabbitmq 0.11 recurses over nested header tables, without a limit: 20,000 levels fit
    /// one frame and end a thread of 512 KiB (trap 10 of deploy/rabbitmq/README.md).
    static let stackByteCount = 16 << 20

    private let thread: DedicatedThread

    init(name: String, stackByteCount: Int) {
        thread = DedicatedThread(name: name, stackByteCount: stackByteCount)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    func run<Result: Sendable>(_ body: @Sendable () -> Result) -> Result { body() }
}
