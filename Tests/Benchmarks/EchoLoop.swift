import CRabbitMQ
import Foundation
import Glibc

/// Consumes, publishes with a confirm, acknowledges: what a hop costs without Rekey.
///
/// It has the house's form, a consuming and a publishing connection with one channel each, on
/// one thread. As many events go round as twice the window, so that the queue is never empty.
struct EchoLoop: Sendable {
    let place: EchoPlace
    let window: Int
    let eventBytes: Int

    /// Hops a second: deliveries that were published again, confirmed and acknowledged.
    func hopsPerSecond(for seconds: Double, warmUp: Double) async throws -> Double {
        try await withCheckedThrowingContinuation { caller in
            Thread.detachNewThread {
                caller.resume(with: Result { try run(for: seconds, warmUp: warmUp) })
            }
        }
    }

    private func run(for seconds: Double, warmUp: Double) throws -> Double {
        let consuming = try EchoConnection(place)
        let publishing = try EchoConnection(place)
        try publishing.declareQuorum(Self.queue)
        try publishing.selectConfirms()
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: eventBytes)
        for _ in 0..<(window * 2) {
            try unsafe body.withUnsafeBytes { bytes in
                try unsafe publishing.publish(bytes, to: Self.queue, id: Self.id)
            }
        }
        try consuming.consume(Self.queue, prefetch: window)
        var course = EchoCourse(seeds: window * 2)
        let clock = ContinuousClock()
        let begin = clock.now + .seconds(warmUp)
        let end = begin + .seconds(seconds)
        var first: (at: ContinuousClock.Instant, hops: Int)?
        while true {
            let now = clock.now
            if first == nil, now >= begin { first = (now, course.hops) }
            if let first, now >= end {
                return Double(course.hops - first.hops) / (first.at.duration(to: now) / .seconds(1))
            }
            try takeConfirms(publishing, consuming, &course)
            try takeDeliveries(consuming, publishing, &course)
            consuming.recycle()
            publishing.recycle()
            if consuming.isDrained, publishing.isDrained { wait(consuming, publishing) }
        }
    }

    private func takeConfirms(
        _ publishing: EchoConnection,
        _ consuming: EchoConnection,
        _ course: inout EchoCourse
    ) throws {
        var frame = unsafe amqp_frame_t()
        while try unsafe publishing.nextFrame(&frame) {
            guard unsafe frame.frame_type == UInt8(AMQP_FRAME_METHOD) else { continue }
            let method = unsafe frame.payload.method
            guard unsafe method.id == Self.basicAck, let decoded = unsafe method.decoded else {
                throw BenchFailure("the broker answered a publication with \(unsafe method.id)")
            }
            let ack = unsafe decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            for tag in course.confirmed(ack.delivery_tag, andEarlier: ack.multiple != 0) {
                try consuming.acknowledge(tag)
            }
        }
    }

    private func takeDeliveries(
        _ consuming: EchoConnection,
        _ publishing: EchoConnection,
        _ course: inout EchoCourse
    ) throws {
        var frame = unsafe amqp_frame_t()
        while try unsafe consuming.nextFrame(&frame) {
            if unsafe frame.frame_type == UInt8(AMQP_FRAME_METHOD),
                unsafe frame.payload.method.id == Self.basicDeliver,
                let decoded = unsafe frame.payload.method.decoded
            {
                let pointer = unsafe decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self)
                course.delivered(unsafe pointer.pointee.delivery_tag)
            } else if unsafe frame.frame_type == UInt8(AMQP_FRAME_BODY) {
                // An event fits one frame, and its bytes are valid until `recycle`.
                let part = unsafe frame.payload.body_fragment
                let bytes = unsafe UnsafeRawBufferPointer(start: part.bytes, count: part.len)
                try unsafe publishing.publish(bytes, to: Self.queue, id: Self.id)
                course.published()
            }
        }
    }

    private func wait(_ one: EchoConnection, _ other: EchoConnection) {
        var descriptors = [one, other].map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
        }
        _ = unsafe poll(&descriptors, nfds_t(descriptors.count), Self.waitMilliseconds)
    }

    private static let queue = "echo"
    private static let id = "0123456789abcdef0123456789abcdef"
    /// How long the loop is blind to its own end.
    private static let waitMilliseconds: Int32 = 50
    /// AMQP 0-9-1: class 60, methods 60 and 80.
    private static let basicDeliver: UInt32 = 60 << 16 | 60
    private static let basicAck: UInt32 = 60 << 16 | 80
}

/// Which delivery each unconfirmed publication came from.
struct EchoCourse {
    private(set) var hops = 0
    private var current: UInt64 = 0
    /// The number of the next publication on its channel; the seeds came first.
    private var next: UInt64
    private var lowest: UInt64
    private var origins: [UInt64: UInt64] = [:]

    init(seeds: Int) {
        next = UInt64(seeds) + 1
        lowest = next
    }

    mutating func delivered(_ tag: UInt64) { current = tag }

    mutating func published() {
        origins[next] = current
        next += 1
    }

    /// The deliveries that may now be acknowledged; a seed has none.
    mutating func confirmed(_ number: UInt64, andEarlier: Bool) -> [UInt64] {
        var tags: [UInt64] = []
        if andEarlier {
            while lowest <= number {
                if let tag = origins.removeValue(forKey: lowest) { tags.append(tag) }
                lowest += 1
            }
        } else if let tag = origins.removeValue(forKey: number) {
            tags.append(tag)
        }
        hops += tags.count
        return tags
    }
}
