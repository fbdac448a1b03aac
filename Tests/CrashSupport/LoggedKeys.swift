package import Foundation
import Glibc
package import RekeyCore
package import RekeyPorts

/// A provider that keeps two keys, as a file that outlives its callers: the log of their changes.
///
/// A change is one line, added by one `write` under a lock, so that a caller that is killed has
/// made it or has not. Of each key the last line is its present value; both are always accepted.
/// As at a real provider, each regeneration makes another value, and says when.
package struct LoggedKeys: RegeneratingTarget {
    /// One value of one key.
    package struct Line: Codable, Sendable {
        package var slot: String
        package var value: String
        package var created: Date
        /// Under which natural key, or for which retirement, it was made.
        package var label: String?
        package var sequence: Int?
        package var epoch: Int64?
    }

    private let path: String
    private let callsLate: Bool

    /// `callsLate` is a planted mistake: it does not ask whether the time for a call is over.
    package init(path: String, callsLate: Bool = false) {
        self.path = path
        self.callsLate = callsLate
    }

    /// Begins a log in which every one of `slots` has a value, and answers that of the first.
    package static func make(at path: String, slots: [String]) throws -> String {
        let lines = slots.map { Line(slot: $0, value: newValue(), created: Date()) }
        let text = try lines.map(encoded).reduce(Data(), +)
        try text.write(to: URL(fileURLWithPath: path), options: .atomic)
        return lines.first?.value ?? ""
    }

    /// Every value that there ever was, in order.
    package func lines() throws(StepFailure) -> [Line] {
        guard let data = FileManager.default.contents(atPath: path) else { throw unreadable }
        // The last line may still be on its way.
        let whole = data.lastIndex(of: UInt8(ascii: "\n")).map { data[...$0] } ?? Data()
        do {
            return try whole.split(separator: UInt8(ascii: "\n"))
                .map { try JSONDecoder().decode(Line.self, from: Data($0)) }
        } catch {
            throw unreadable
        }
    }

    package func inspect(current: Credential?) async throws(StepFailure) -> TargetState {
        let present = try present()
        let accepted = present.map {
            TargetState.Accepted(AccountID($0.slot), label: $0.label, created: $0.created)
        }
        let used = present.first { line in current.map { line.admits($0) } ?? false }
        return TargetState(accepted: accepted, current: used.map { AccountID($0.slot) })
    }

    package func prove(
        _ credential: Credential,
        like account: AccountID?
    ) async throws(StepFailure) {
        guard try await accepts(credential) else {
            throw StepFailure(.permanent, "keys: refused")
        }
    }

    package func accepts(_ credential: Credential) async throws(StepFailure) -> Bool {
        try present().contains { $0.admits(credential) }
    }

    /// The key gets a value that nobody is handed; once for each sequence.
    package func retire(_ account: AccountID, fence: Fence) async throws(StepFailure) {
        let label = "retired-\(fence.sequence)"
        try change { (lines) throws(StepFailure) in
            let fences = lines.compactMap { line in line.sequence.map { ($0, line.epoch ?? 0) } }
            guard fences.allSatisfy({ $0 <= (fence.sequence, fence.epoch) }) else {
                throw StepFailure(.permanent, "keys: a newer fence was here before")
            }
            guard lines.last(where: { $0.slot == account.text })?.label != label else { return nil }
            return Line(
                slot: account.text,
                value: Self.newValue(),
                created: Date(),
                label: label,
                sequence: fence.sequence,
                epoch: fence.epoch
            )
        }
    }

    package func silence(of account: AccountID) async throws(StepFailure) -> Silence {
        .unobservable
    }

    package func preflight() async throws(StepFailure) -> [Finding] { [] }

    package func regenerate(_ slot: AccountID, key: NaturalKey) async throws(StepFailure) {
        try change { (lines) throws(StepFailure) in
            guard lines.contains(where: { $0.slot == slot.text }) else {
                throw StepFailure(.permanent, "keys: no key \(slot)")
            }
            return Line(
                slot: slot.text,
                value: Self.newValue(),
                created: Date(),
                label: key.text
            )
        }
    }

    package func value(of slot: AccountID) async throws(StepFailure) -> Secret {
        guard let line = try present().first(where: { $0.slot == slot.text }) else {
            throw StepFailure(.permanent, "keys: no key \(slot)")
        }
        return Secret(copying: line.value.utf8)
    }

    /// The last line of each key.
    private func present() throws(StepFailure) -> [Line] {
        let lines = try lines()
        return Set(lines.map(\.slot)).sorted().compactMap { slot in
            lines.last { $0.slot == slot }
        }
    }

    /// Adds the line that `body` makes of what there is, while nobody else does.
    private func change(
        _ body: ([Line]) throws(StepFailure) -> Line?
    ) throws(StepFailure) {
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { throw unreadable }
        guard let line = try body(lines()) else { return }
        // As one that is asked over HTTP would never have heard of it.
        guard callsLate || !CallWindow.isClosed else { throw CallWindow.failure("keys") }
        guard let bytes = try? Self.encoded(line) else { throw unreadable }
        let count = unsafe bytes.withUnsafeBytes {
            unsafe write(descriptor, $0.baseAddress, $0.count)
        }
        guard count == bytes.count else { throw StepFailure(.unknown, "keys: cannot write") }
    }

    private static func encoded(_ line: Line) throws -> Data {
        try JSONEncoder().encode(line) + [UInt8(ascii: "\n")]
    }

    private static func newValue() -> String {
        "key-" + (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    }

    private var unreadable: StepFailure { StepFailure(.transient, "keys: cannot read the log") }
}

extension LoggedKeys.Line {
    /// Whether a caller with this credential gets in.
    package func admits(_ credential: Credential) -> Bool {
        guard credential.account == nil || credential.account?.text == slot else { return false }
        return credential.secret == Secret(copying: value.utf8)
    }
}
