import Foundation
import Glibc

/// The one call of `posix_spawn`: a process in a session of its own, with the descriptors named.
///
/// It begins with no blocked signal and with SIGPIPE at its default, so that the caller's own
/// settings do not reach it.
struct Spawn {
    /// How many descriptors, from 0 on, the child may hold.
    static let descriptorLimit: Int32 = 4
    /// Descriptors that other threads may open between the look and the fork.
    private static let descriptorMargin: Int32 = 64
    /// `POSIX_SPAWN_SETSID` of glibc's spawn.h, which hides it from Swift's module map.
    private static let setSession: Int32 = 0x80

    var arguments: [String]
    var environment: [String: String]
    /// The child's descriptor, and ours that becomes it.
    var descriptors: [(child: Int32, ours: Int32)] = []

    /// Starts `arguments[0]`, an absolute path, and returns its process id.
    func start() throws -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        for (child, ours) in descriptors {
            unsafe posix_spawn_file_actions_adddup2(&actions, ours, child)
        }
        for number in Self.descriptorLimit..<highestDescriptor() + Self.descriptorMargin {
            unsafe posix_spawn_file_actions_addclose(&actions, number)
        }
        setUp(&attributes)
        var argv = unsafe arguments.map { unsafe strdup($0) }
        var envp = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") }
        unsafe argv.append(nil)
        unsafe envp.append(nil)
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp)
        guard code == 0 else { throw PartFailure("posix_spawn \(arguments[0]): errno \(code)") }
        return pid
    }

    private func setUp(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var pipe = sigset_t()
        unsafe sigemptyset(&pipe)
        unsafe sigaddset(&pipe, SIGPIPE)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &pipe)
        let flags = Self.setSession | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    /// Not every library opens its descriptors with O_CLOEXEC.
    private func highestDescriptor() -> Int32 {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.max() ?? Self.descriptorLimit
    }
}
