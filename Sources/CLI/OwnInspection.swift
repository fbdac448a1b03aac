import Foundation
import RabbitMQBroker
import RekeyConfiguration
import RekeyCore
import RekeyPorts

/// Looks at what Rekey itself stands on: its secrets, its files, its place at the broker.
///
/// It reads, and signs in; it declares and publishes nothing.
struct OwnInspection {
    private let assembly: Assembly

    private static let patience = Duration.seconds(5)

    init(_ assembly: Assembly) { self.assembly = assembly }

    func findings() async -> [Finding] {
        var findings: [Finding] = []
        for (setting, place) in sources {
            findings += await ask(setting) { () async throws(StepFailure) in
                _ = try await assembly.secrets.source(place)()
            }
        }
        for (setting, path) in files {
            findings += await ask(setting) { () async throws(StepFailure) in
                _ = try SecretResolver.file(path)
            }
        }
        findings += journalFolder()
        // Without its password the broker would only say the same once more.
        if !findings.contains(where: { $0.subject.hasPrefix("broker.") }) {
            findings += await signIn()
        }
        return findings
    }

    /// Where the configuration says that a secret is, by the setting that says it.
    private var sources: [(String, SecretSource)] {
        let settings = assembly.settings
        var sources = [("broker.password", settings.broker.password)]
        if let gateway = settings.gateway {
            if let token = gateway.apiToken { sources.append(("gateway.apiToken", token)) }
            if case .header(_, let value)? = gateway.eventGrid?.authentication {
                sources.append(("gateway.eventGrid.header.value", value))
            }
        }
        if case .clientSecret(_, let secret)? = settings.azure?.identity {
            sources.append(("azure.identity.clientSecret.secret", secret))
        }
        for (name, workload) in settings.workloads.sorted(by: { $0.key < $1.key }) {
            guard case .http(let http) = workload.kind, let token = http.token else { continue }
            sources.append(("workloads.\(name).http.token", token))
        }
        return sources
    }

    private var files: [(String, String)] {
        let settings = assembly.settings
        var files = pair("broker", settings.broker.certificate)
        if let path = settings.broker.authorities { files.append(("broker.ca", path)) }
        files += pair("gateway", settings.gateway?.tls) + pair("signer", settings.signer)
        switch settings.azure?.identity {
        case .certificate(_, let own): files += pair("azure.identity.certificate", own)
        case .federated(_, let path): files.append(("azure.identity.federated.tokenFile", path))
        case .clientSecret, .managedIdentity, nil: break
        }
        for (name, site) in settings.sites.sorted(by: { $0.key < $1.key }) {
            files.append(("sites.\(name).certificate", site.certificate))
        }
        return files
    }

    private func pair(_ section: String, _ files: CertificateFiles?) -> [(String, String)] {
        guard let files else { return [] }
        return [
            ("\(section).certificate", files.certificate),
            ("\(section).signingKey", files.signingKey),
        ]
    }

    private func journalFolder() -> [Finding] {
        guard case .sqlite(let path) = assembly.settings.journal else { return [] }
        let folder = (path as NSString).deletingLastPathComponent
        // Only a folder has a place of this name.
        guard !FileManager.default.fileExists(atPath: folder + "/.") else { return [] }
        let hint = "make it, for the user as whom the worker runs"
        return [Finding(.problem, "journal.sqlite", "there is no folder \(folder)", hint: hint)]
    }

    private func signIn() async -> [Finding] {
        do {
            let broker = RabbitMQBroker(
                settings: try assembly.brokerSettings(connectDeadline: Self.patience),
                topology: Topology()
            )
            let patience = Self.patience
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await broker.run() }
                group.addTask {
                    while !broker.state.isPublishing {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                group.addTask {
                    try await Task.sleep(for: patience * 2)
                    throw StepFailure(.transient, "no connection within \(patience * 2)")
                }
                defer { group.cancelAll() }
                try await group.next()
            }
            return []
        } catch {
            let failure = error as? StepFailure
            let hint = failure.flatMap { Problem.hint(for: $0) }
            return [Finding(.problem, "broker", failure?.reason ?? "\(error)", hint: hint)]
        }
    }

    private func ask(
        _ setting: String,
        _ question: () async throws(StepFailure) -> Void
    ) async -> [Finding] {
        do {
            try await question()
            return []
        } catch {
            let hint = "`\(setting)` says where it should be"
            return [Finding(.problem, setting, error.reason, hint: hint)]
        }
    }
}
