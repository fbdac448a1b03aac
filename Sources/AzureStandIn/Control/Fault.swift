/// A planned misbehaviour, switched on at run time.
struct Fault: Equatable, Sendable {
    enum Kind: String, Sendable {
        /// Answers with a status of the test's choice.
        case status
        /// Answers 429, with or without Retry-After.
        case throttle
        /// Does nothing and stays silent, then closes the connection.
        case timeout
        /// Does what was asked and stays silent, then closes the connection.
        case timeoutAfter = "timeout-after"
        /// Closes the connection without doing anything.
        case drop
        /// Does what was asked and closes the connection without an answer.
        case dropAfter = "drop-after"
        /// Waits before doing what was asked.
        case delay
    }

    static let defaultSilenceSeconds = 120.0

    let id: String
    var api: String
    var operation: String
    var vault: String?
    /// Part of the path that must occur.
    var match: String?
    var kind: Kind
    var status = 500
    var code = "InternalServerError"
    var message = "A fault was injected."
    var headers: [String: String] = [:]
    var seconds = Fault.defaultSilenceSeconds
    /// The operation is performed before the false answer.
    var isAfter = false
    /// How many requests it still meets; nil for all.
    var remaining: Int?
    /// How many matching requests pass before it begins.
    var skip = 0
    var hits = 0

    func matches(_ call: Call, operation name: String) -> Bool {
        guard api == "*" || api == call.api.name, operation == "*" || operation == name else {
            return false
        }
        if let vault, vault != call.api.vault { return false }
        if let match, !call.rawPath.contains(match) { return false }
        return remaining != 0
    }

    var json: JSON {
        [
            "id": .string(id), "api": .string(api), "operation": .string(operation),
            "vault": .text(vault), "match": .text(match), "kind": .string(kind.rawValue),
            "status": .integer(status), "seconds": .number(seconds), "after": .bool(isAfter),
            "count": remaining.map(JSON.integer) ?? .null, "skip": .integer(skip),
            "hits": .integer(hits),
        ]
    }
}

extension Fault {
    /// Reads a fault of the control API; the error says which member is wrong.
    init(_ json: JSON, id: String) throws(ControlRefusal) {
        guard let text = json["kind"]?.string, let kind = Kind(rawValue: text) else {
            throw ControlRefusal(
                "kind: expected status, throttle, timeout, timeout-after, drop, drop-after or delay"
            )
        }
        self.id = id
        self.kind = kind
        api = json["api"]?.string ?? "*"
        operation = json["operation"]?.string ?? "*"
        vault = json["vault"]?.string
        match = json["match"]?.string
        remaining = json["count"]?.integer
        skip = json["skip"]?.integer ?? 0
        seconds = json["seconds"]?.double ?? Fault.defaultSilenceSeconds
        isAfter = json["after"]?.bool ?? false
        status = json["status"]?.integer ?? (kind == .throttle ? 429 : 500)
        guard (200...599).contains(status) else {
            throw ControlRefusal("status: expected 200 to 599")
        }
        code = json["code"]?.string ?? (kind == .throttle ? "TooManyRequests" : code)
        message = json["message"]?.string ?? message
        for (name, value) in json["headers"]?.members ?? [:] {
            headers[name.lowercased()] = value.string ?? ""
        }
        if let after = json["retryAfter"]?.integer { headers["retry-after"] = String(after) }
    }
}

/// The faults in force, in the order in which they were set; the first that matches counts.
struct FaultList: Sendable {
    private(set) var faults: [Fault] = []

    mutating func add(_ fault: Fault) { faults.append(fault) }

    mutating func remove(id: String) -> Bool {
        let count = faults.count
        faults.removeAll { $0.id == id }
        return faults.count < count
    }

    mutating func removeAll() { faults = [] }

    /// The fault that this request meets; counts it.
    mutating func take(_ call: Call, operation: String) -> Fault? {
        for index in faults.indices where faults[index].matches(call, operation: operation) {
            if faults[index].skip > 0 {
                faults[index].skip -= 1
                continue
            }
            faults[index].hits += 1
            if let remaining = faults[index].remaining { faults[index].remaining = remaining - 1 }
            return faults[index]
        }
        return nil
    }
}

/// Why the control API refuses a request; safe to show.
struct ControlRefusal: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
