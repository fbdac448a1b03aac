#if LIBFUZZER
import Dispatch
import Foundation
import Glibc
import Synchronization

/// LLVM's coverage-guided fuzzer, which is linked in only where `deploy/fuzz.sh` builds.
enum LibFuzzer {
    private static let target = Mutex<FuzzTarget?>(nil)

    /// Runs until libFuzzer ends, which it does itself at a failure; returns its status.
    static func run(_ name: String, _ arguments: [String]) -> Int32 {
        target.withLock { $0 = FuzzTarget.named(name) }
        var words = unsafe ([name] + arguments).map { unsafe strdup($0) } + [nil]
        var count = unsafe Int32(words.count - 1)
        return unsafe words.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return unsafe runDriver(&count, &start) { bytes, count in
                let input = unsafe UnsafeBufferPointer(start: bytes, count: count)
                LibFuzzer.tryOne(unsafe Array(input))
                return 0
            }
        }
    }

    private static func tryOne(_ input: [UInt8]) {
        guard let target = target.withLock({ $0 }) else { return }
        let done = DispatchSemaphore(value: 0)
        Task {
            do {
                try await target.check(input)
            } catch {
                FileHandle.standardError.write(Data("broken: \(error)\n".utf8))
                abort()
            }
            done.signal()
        }
        done.wait()
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ tryOne: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
#endif
