import Foundation
import RekeyPlatform

/// Lists, in pages of at most 25, ordered by name or version id and not by time.
extension KeyVaultAPI {
    static let pageLimit = 25

    static func listSecrets(
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        guard let state = world.vaults[vault] else { throw .notFound(vault) }
        let real = world.clock.real
        let items = state.secrets.values.filter { $0.isReadable(at: real) }
            .compactMap { record in
                record.latest.map { version in
                    let id = "\(call.origin)/secrets/\(record.name)"
                    return (record.name, JSON.object(version.item(id: id, in: state)))
                }
            }
        return try page(items, of: call)
    }

    static func listVersions(
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        guard let state = world.vaults[vault] else { throw .notFound(vault) }
        let record = try readable(call.path[1], vault: vault, in: world)
        let items = record.versions.map { version in
            let id = identifier(call, record.name, version.id)
            return (version.id, JSON.object(version.item(id: id, in: state)))
        }
        return try page(items, of: call)
    }

    static func listDeletedSecrets(
        _ call: Call,
        vault: String,
        in world: inout World
    ) throws(KeyVaultError) -> Answer {
        guard let state = world.vaults[vault] else { throw .notFound(vault) }
        let real = world.clock.real
        let items = state.secrets.values.filter { $0.isListedAsDeleted(at: real) }
            .compactMap { record in
                deletedItem(record, call, state, withVersion: false).map {
                    (record.name, JSON.object($0))
                }
            }
        return try page(items, of: call)
    }

    /// One page; the link to the next carries the host and port that the client used.
    private static func page(
        _ items: [(key: String, item: JSON)],
        of call: Call
    ) throws(KeyVaultError) -> Answer {
        var size = pageLimit
        if let text = call.query["maxresults"] {
            guard let number = Int(text), (1...pageLimit).contains(number) else {
                throw .badParameter("maxresults must be from 1 to 25")
            }
            size = number
        }
        var sorted = items.sorted { $0.key < $1.key }
        if let token = call.query["$skiptoken"] {
            guard let last = Base64URL.decode(token) else {
                throw .badParameter("The skip token is not one of this service")
            }
            sorted.removeAll { $0.key <= String(decoding: last, as: UTF8.self) }
        }
        let page = sorted.prefix(size)
        var next = JSON.null
        if sorted.count > size, let last = page.last {
            let token = Base64URL.encode(last.key.utf8)
            let path = call.path.joined(separator: "/")
            let version = call.query["api-version"] ?? ""
            next = .string(
                "\(withPort(call.origin))/\(path)?api-version=\(version)&$skiptoken=\(token)"
                    + "&maxresults=\(size)"
            )
        }
        return Answer(200, ["value": .array(page.map(\.item)), "nextLink": next])
    }

    /// Key Vault writes the port also where it is the default.
    private static func withPort(_ origin: String) -> String {
        origin.dropFirst("https://".count).contains(":") ? origin : "\(origin):443"
    }
}
