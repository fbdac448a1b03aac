import Foundation
import RekeyAzure
import RekeyCore
import RekeyPlatform
import RekeyPorts

// The body of a job: names and texts, and the value only where it was asked for.
extension AutomationHook {
    func body(_ order: HookOrder) throws(AzureFailure) -> Secret {
        var parameters = settings.parameters.mapValues(Self.unlessStructured)
        for (name, text) in Self.place(of: order.carriers) { parameters[name] = text }
        parameters[AutomationHookSettings.sequenceParameter] = String(order.sequence)
        if let account = order.account { parameters["Account"] = JSONText.quoted(account.text) }
        switch settings.delivery {
        case .reference: break
        case .sealed(let certificate):
            guard let value = order.value else { throw missingValue }
            do {
                let sealed = Data(try CMS.encrypt(value, to: certificate)).base64EncodedString()
                parameters[AutomationHookSettings.sealedParameter] = JSONText.quoted(sealed)
            } catch {
                throw AzureFailure(.permanent, "createJob", detail: "\(error)")
            }
        case .includeSecret:
            guard let value = order.value else { throw missingValue }
            return try body(parameters, with: value)
        }
        return try plain(Job(properties: properties(parameters)))
    }

    /// Where the value is read: the first carrier, and where there are several, all of them.
    private static func place(of carriers: [CarrierVersion]) -> [String: String] {
        guard let first = carriers.first else { return [:] }
        let origin = first.uri.flatMap { WebOrigin($0) }
        // The configuration's name of a vault says nothing to Azure.
        let vault = origin.flatMap(vaultName) ?? first.vault.text
        var place = [
            "VaultName": JSONText.quoted(vault),
            "SecretName": JSONText.quoted(first.name.text),
            "SecretVersion": JSONText.quoted(first.version.text),
        ]
        if let origin { place["VaultUri"] = JSONText.quoted("\(origin)") }
        let uris = carriers.compactMap(\.uri).map { JSONText.quoted($0) }
        if uris.count > 1 { place["SecretUris"] = "[\(uris.joined(separator: ","))]" }
        return place
    }

    /// A vault's name is the first part of its host; nil for an address of numbers.
    private static func vaultName(_ origin: WebOrigin) -> String? {
        let parts = origin.host.split(separator: ".")
        guard let first = parts.first, parts.last.flatMap({ Int($0) }) == nil,
            !origin.host.contains(":")
        else { return nil }
        return String(first)
    }

    /// The value is written into the body byte by byte, as JSON text within JSON text: Automation
    /// would otherwise retype a value that looks like a number (azure.md §6).
    private func body(
        _ parameters: [String: String],
        with value: Secret
    ) throws(AzureFailure) -> Secret {
        let place = "rekey-\(UUID().uuidString)"
        var all = parameters
        all[AutomationHookSettings.secretParameter] = place
        let template = try plain(Job(properties: properties(all)))
        guard let quoted = JSONText.quoted(value),
            let body = JSONText.replacing(place, in: template, by: quoted)
        else { throw AzureFailure(.permanent, "createJob", detail: "the value is not UTF-8") }
        return body
    }

    /// A parameter of the configuration arrives as the text it is, also where it looks like a
    /// number; a list or an object in JSON arrives as such.
    private static func unlessStructured(_ text: String) -> String {
        let isStructured =
            (text.hasPrefix("[") || text.hasPrefix("{"))
            && (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil
        return isStructured ? text : JSONText.quoted(text)
    }

    private var missingValue: AzureFailure {
        AzureFailure(.permanent, "createJob", detail: "there is no value to deliver")
    }

    private struct Job: Encodable {
        struct Properties: Encodable {
            struct Runbook: Encodable { var name: String }
            var runbook: Runbook
            var parameters: [String: String]
            var runOn: String?
        }
        var properties: Properties
    }

    private func properties(_ parameters: [String: String]) -> Job.Properties {
        Job.Properties(
            runbook: .init(name: settings.runbook),
            parameters: parameters,
            runOn: settings.runOn
        )
    }

    private func plain(_ job: Job) throws(AzureFailure) -> Secret {
        do {
            return try JSONBody.plain(job)
        } catch {
            throw AzureFailure(.permanent, "createJob", detail: error.rawValue)
        }
    }
}
