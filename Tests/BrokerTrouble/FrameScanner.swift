/// Cuts one direction of an AMQP 0-9-1 connection into frames.
///
/// A frame is its type, its channel, the size of its payload, the payload, and an end byte.
struct FrameScanner: Sendable {
    enum Direction: Int, Sendable, CaseIterable { case toBroker, toClient }

    struct Frame: Sendable, Equatable {
        let kind: FrameKind
        let bytes: [UInt8]
        /// Whether it ended as a frame has to.
        let isWhole: Bool
    }

    private static let headCount = 7
    private static let endByte: UInt8 = 0xCE
    /// `AMQP` and a version, which a client begins with; no frame.
    private static let greetingCount = 8

    private let direction: Direction
    private var buffer: ArraySlice<UInt8> = []
    private var isGreeted: Bool
    /// The method whose header and body come next.
    private var method = FrameKind.other

    init(_ direction: Direction) {
        self.direction = direction
        isGreeted = direction == .toClient
    }

    mutating func add(_ bytes: [UInt8]) { buffer += bytes }

    /// Takes the next frame that has arrived whole.
    mutating func next() -> Frame? {
        guard isGreeted else {
            guard let greeting = take(Self.greetingCount) else { return nil }
            isGreeted = true
            return Frame(kind: .other, bytes: greeting, isWhole: true)
        }
        guard buffer.count >= Self.headCount else { return nil }
        let head = Array(buffer.prefix(Self.headCount))
        let size = head[3...6].reduce(0) { $0 << 8 | Int($1) }
        guard let bytes = take(Self.headCount + size + 1) else { return nil }
        return Frame(
            kind: kind(of: bytes),
            bytes: bytes,
            isWhole: bytes.last == Self.endByte
        )
    }

    private mutating func take(_ count: Int) -> [UInt8]? {
        guard buffer.count >= count else { return nil }
        defer { buffer = buffer.dropFirst(count) }
        return Array(buffer.prefix(count))
    }

    private mutating func kind(of frame: [UInt8]) -> FrameKind {
        switch frame[0] {
        case 1:
            guard frame.count >= Self.headCount + 4 else { return .other }
            method = kind(ofMethod: frame[7...10].reduce(0) { $0 << 8 | Int($1) })
            return method
        case 2: return method.header
        case 3: return method.body
        case 8: return .heartbeat
        default: return .other
        }
    }

    /// By class and method, each of two bytes.
    private func kind(ofMethod number: Int) -> FrameKind {
        switch (number, direction) {
        case (0x003C_0028, .toBroker): .publish
        case (0x003C_0050, .toBroker): .acknowledge
        case (0x003C_0050, .toClient), (0x003C_0078, .toClient): .confirm
        case (0x003C_0032, .toClient): .returned
        case (0x003C_003C, .toClient): .deliver
        default: .other
        }
    }
}

extension FrameKind {
    fileprivate var header: FrameKind {
        switch self {
        case .publish: .publishHeader
        case .deliver: .deliverHeader
        case .returned: .returnedHeader
        default: .other
        }
    }

    fileprivate var body: FrameKind {
        switch self {
        case .publish: .publishBody
        case .deliver: .deliverBody
        case .returned: .returnedBody
        default: .other
        }
    }
}
