import Foundation
import Glibc
import RekeyCore
import RekeyPlatform

/// A random secret that is looked for in this process's own writable memory.
///
/// It is kept masked, so that looking for it does not find the one who looks.
struct SecretTraces {
    private static let mask: UInt8 = 0x5A
    private static let chunkByteCount = 1024 * 1024
    /// What is as large is no memory of ours but ThreadSanitizer's shadow of it, many terabytes
    /// without an end to reading.
    private static let shadowByteCount: UInt = 1 << 36
    private let masked = RandomBytes.array(count: 24).map { $0 & 0x0F | 0x30 }

    /// The secret, in printable characters and in memory of its own.
    func secret() -> Secret { Secret(copying: masked.lazy.map { $0 ^ Self.mask }) }

    /// How often the secret's bytes occur.
    func count() throws -> Int {
        let memory = unsafe open("/proc/self/mem", O_RDONLY)
        guard memory >= 0 else { throw POSIXError(.EACCES) }
        defer { close(memory) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.chunkByteCount,
            alignment: 1
        )
        defer {
            if let start = buffer.baseAddress { unsafe explicit_bzero(start, buffer.count) }
            unsafe buffer.deallocate()
        }
        let own = UInt(bitPattern: buffer.baseAddress)
        var count = 0
        for (low, high) in try Self.writableRanges() {
            var address = low
            while address < high {
                let wanted = min(Self.chunkByteCount, Int(high - address))
                let length = unsafe pread(memory, buffer.baseAddress, wanted, off_t(address))
                guard length >= masked.count else { break }
                // What lies in the buffer itself was found where it came from.
                let isOwn = address < own + UInt(buffer.count) && own < address + UInt(length)
                if !isOwn {
                    count += unsafe occurrences(
                        in: UnsafeRawBufferPointer(rebasing: buffer[..<length])
                    )
                }
                address += UInt(length - masked.count + 1)
            }
        }
        return count
    }

    private func occurrences(in bytes: UnsafeRawBufferPointer) -> Int {
        let first = Int32(masked[0] ^ Self.mask)
        var count = 0
        var offset = 0
        while offset <= bytes.count - masked.count, let start = bytes.baseAddress {
            let rest = bytes.count - masked.count + 1 - offset
            guard let found = unsafe memchr(start + offset, first, rest) else { break }
            let index = unsafe UnsafeRawPointer(found) - start
            let isSame = masked.indices.allSatisfy {
                unsafe bytes[index + $0] == masked[$0] ^ Self.mask
            }
            if isSame { count += 1 }
            offset = index + 1
        }
        return count
    }

    private static func writableRanges() throws -> [(UInt, UInt)] {
        let maps = try String(
            decoding: FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/maps"))
                .readToEnd() ?? Data(),
            as: UTF8.self
        )
        return maps.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            let ends = fields.first?.split(separator: "-") ?? []
            guard fields.count > 1, fields[1].hasPrefix("rw"), ends.count == 2,
                let low = UInt(ends[0], radix: 16), let high = UInt(ends[1], radix: 16),
                high - low < shadowByteCount
            else { return nil }
            return (low, high)
        }
    }
}
