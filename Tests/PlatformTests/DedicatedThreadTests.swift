import Glibc
import RekeyPlatform
import Testing

@Suite(.timeLimit(.minutes(3))) struct `A dedicated thread` {
    /// What the frames above a job may have used.
    private static let usedByteLimit = 64 * 1024

    @Test func `runs every job of its actor, and nothing else's`() async {
        let first = Owner()
        let second = Owner()
        var threads: Set<UInt> = []
        for _ in 0..<100 { threads.insert(await first.currentThread) }
        #expect(threads.count == 1)
        #expect(await !threads.contains(second.currentThread))
    }

    @Test(arguments: [256 * 1024, 1024 * 1024, 16 * 1024 * 1024])
    func `has the stack that was asked for`(byteCount: Int) async {
        let free = await Owner(stackByteCount: byteCount).freeStackByteCount
        #expect(free > byteCount - Self.usedByteLimit)
    }

    @Test func `has 8 MiB of stack when nothing is said`() async {
        #expect(await Owner().freeStackByteCount > 8 * 1024 * 1024 - Self.usedByteLimit)
    }

    @Test func `can use a stack that would overflow the default one`() async {
        let depth = 11 * 16
        #expect(await Owner(stackByteCount: 16 * 1024 * 1024).descend(depth) == depth)
    }

    @Test func `carries the name that was given, as far as Linux keeps it`() async {
        let name = await Owner(name: "rekey-amqp-consume").threadName
        #expect(name == "rekey-amqp-cons")
    }

    private actor Owner {
        private let thread: DedicatedThread

        init(
            name: String = "test",
            stackByteCount: Int = DedicatedThread.defaultStackByteCount
        ) {
            thread = DedicatedThread(name: name, stackByteCount: stackByteCount)
        }

        nonisolated var unownedExecutor: UnownedSerialExecutor {
            unsafe thread.asUnownedSerialExecutor()
        }

        var currentThread: UInt { UInt(pthread_self()) }

        /// From here down to the guard page, as the kernel's list of mappings has it.
        var freeStackByteCount: Int {
            var marker: UInt8 = 0
            let address = unsafe withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
            let maps = Self.text(ofProcessFile: "/proc/self/maps")
            for line in maps.split(separator: "\n") {
                let ends = line.prefix { $0 != " " }.split(separator: "-")
                guard ends.count == 2, let low = UInt(ends[0], radix: 16),
                    let high = UInt(ends[1], radix: 16), (low..<high).contains(address)
                else { continue }
                return Int(address - low)
            }
            return 0
        }

        var threadName: String {
            String(Self.text(ofProcessFile: "/proc/thread-self/comm").dropLast())
        }

        /// Such a file has no size, and is read until nothing comes.
        private static func text(ofProcessFile path: String) -> String {
            let descriptor = unsafe open(path, O_RDONLY)
            defer { close(descriptor) }
            var bytes: [UInt8] = []
            var part = [UInt8](repeating: 0, count: 64 * 1024)
            while true {
                let count = unsafe read(descriptor, &part, part.count)
                guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
                bytes += part[..<count]
            }
        }

        /// Recurses with 64 KiB of stack in every frame, and returns how deep it got.
        func descend(_ count: Int) -> Int {
            guard count > 0 else { return 0 }
            return unsafe withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 16) {
                frame in
                unsafe frame[0] = 1
                return unsafe descend(count - 1) + Int(frame[0])
            }
        }
    }
}
