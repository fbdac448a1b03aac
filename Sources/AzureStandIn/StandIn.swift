import Foundation

/// The one place where requests meet the state: one at a time, each logged before it is answered.
actor StandIn {
    /// What becomes of a request.
    enum Outcome: Sendable {
        case answer(Answer)
        /// To be performed after a wait, whatever faults there are.
        case later(seconds: Double)
        /// Close the connection, at once or after some silence.
        case close(afterSeconds: Double)
    }

    private(set) var world: World
    private var log: ChangeLog
    private let signer: TokenSigner?
    private let verifier: AssertionVerifier?
    private let sendEffect: AsyncStream<Answer.Effect>.Continuation
    /// What is to be done besides answering; for one reader.
    nonisolated let effects: AsyncStream<Answer.Effect>

    /// Without a signer tokens are random texts: enough for tests without sockets.
    init(
        world: World,
        log: ChangeLog,
        signer: TokenSigner? = nil,
        verifier: AssertionVerifier? = nil
    ) {
        self.world = world
        self.log = log
        self.signer = signer
        self.verifier = verifier
        (effects, sendEffect) = AsyncStream.makeStream()
    }

    /// Performs a request, or misbehaves as the faults in force say.
    func respond(to call: Call, ignoringFaults: Bool = false) async throws -> Outcome {
        let operation = StandIn.operation(of: call)
        let fault = ignoringFaults ? nil : world.faults.take(call, operation: operation)
        switch fault?.kind {
        case .delay: return .later(seconds: fault?.seconds ?? 0)
        case .drop, .timeout:
            try record(call, operation, nil, fault)
            return .close(afterSeconds: fault?.kind == .drop ? 0 : fault?.seconds ?? 0)
        case .status, .throttle:
            if let fault, !fault.isAfter {
                let answer = falseAnswer(fault, to: call)
                try record(call, operation, answer, fault)
                return .answer(answer)
            }
        case .dropAfter, .timeoutAfter, nil: break
        }
        let answer = try await perform(call, operation, fault)
        return switch fault?.kind {
        case .dropAfter: .close(afterSeconds: 0)
        case .timeoutAfter: .close(afterSeconds: fault?.seconds ?? 0)
        case .status, .throttle: .answer(fault.map { falseAnswer($0, to: call) } ?? answer)
        case .delay, .drop, .timeout, nil: .answer(answer)
        }
    }

    private func perform(
        _ call: Call,
        _ operation: String,
        _ fault: Fault?
    ) async throws -> Answer {
        let verdict = try await verdict(on: call)
        var answer: Answer
        switch call.api {
        case .login: answer = LoginAPI.answer(call, verdict: verdict, in: &world)
        case .graph: answer = GraphAPI.answer(call, in: &world)
        case .arm: answer = ARMAPI.answer(call, in: &world)
        case .identity: answer = IdentityAPI.answer(call, in: &world)
        case .keyVault(let name): answer = KeyVaultAPI.answer(call, vault: name, in: &world)
        case .control: answer = Answer(404)
        }
        try record(call, operation, answer, fault)
        answer.effects.forEach { sendEffect.yield($0) }
        if let token = answer.token { try sign(token, into: &answer) }
        return answer
    }

    private func sign(_ token: TokenGrant, into answer: inout Answer) throws {
        let text = try signer?.sign(token.claims) ?? UUID().uuidString
        world.add(token.grant, token: text)
        answer.body = token.body(token: text).bytes
        answer.headers["content-type"] = "application/json; charset=utf-8"
        answer.headers["cache-control"] = "no-store, no-cache"
    }

    /// Checks a client assertion, which takes a program's run, before the state is touched.
    private func verdict(on call: Call) async throws -> AssertionVerdict? {
        guard call.api == .login, call.method == "POST", let verifier else { return nil }
        let form = FormText.decode(String(decoding: call.body, as: UTF8.self))
        guard let assertion = form["client_assertion"],
            let application = world.applications[form["client_id"] ?? ""]
        else { return nil }
        return try await verifier.verdict(
            on: assertion,
            for: application,
            tenant: world.tenant,
            now: world.now
        )
    }

    private func record(
        _ call: Call,
        _ operation: String,
        _ answer: Answer?,
        _ fault: Fault?
    ) throws {
        var line: [String: JSON] = [
            "api": .string(call.api.name), "operation": .string(operation),
            "principal": .text(answer?.principal),
            "principalName": .text(world.name(ofPrincipal: answer?.principal)),
            "method": .string(call.method), "path": .string(call.rawPath),
            "status": answer.map { .integer($0.status) } ?? .null,
            "fault": .text(fault?.kind.rawValue),
        ]
        if let vault = call.api.vault { line["vault"] = .string(vault) }
        if let change = answer?.change { line["changed"] = change }
        try log.append(line, at: world.now)
    }

    private func falseAnswer(_ fault: Fault, to call: Call) -> Answer {
        let error: JSON = ["code": .string(fault.code), "message": .string(fault.message)]
        return Answer(fault.status, ["error": error], headers: fault.headers)
    }

    static func operation(of call: Call) -> String {
        switch call.api {
        case .login: LoginAPI.operation(of: call)
        case .graph: GraphAPI.operation(of: call)
        case .arm: ARMAPI.operation(of: call)
        case .identity: IdentityAPI.operation(of: call)
        case .keyVault: KeyVaultAPI.operation(of: call)
        case .control: ControlAPI.operation(of: call)
        }
    }
}

/// What the stand-in's own parts read and change.
extension StandIn {
    func read<Result: Sendable>(_ body: @Sendable (World) -> Result) -> Result { body(world) }

    /// Changes the state outside a request; a change is logged under an API's name.
    @discardableResult
    func change<Result: Sendable>(
        _ body: @Sendable (inout World) throws -> Result
    ) rethrows -> Result {
        try body(&world)
    }

    func note(api: String, operation: String, _ change: JSON, vault: String? = nil) throws {
        var line: [String: JSON] = [
            "api": .string(api), "operation": .string(operation), "changed": change,
        ]
        if let vault { line["vault"] = .string(vault) }
        try log.append(line, at: world.now)
    }

    /// A token for a delivery, as Event Grid gets one for its own application.
    func token(forApplication name: String, audience: String) throws -> String? {
        guard let application = world.application(named: name) else { return nil }
        let token = TokenGrant(application, audience: audience, in: world, as: .entra)
        return try signer?.sign(token.claims)
    }

    func perform(_ effect: Answer.Effect) { sendEffect.yield(effect) }

    /// Nothing more will be done: the stand-in is ending.
    func finishEffects() { sendEffect.finish() }

    func changes(since sequence: Int, api: String?) -> JSON {
        [
            "changes": .array(log.entries(since: sequence, api: api)),
            "last": .integer(log.last),
        ]
    }

    /// Notes where an API listens.
    func bound(_ api: API, port: Int) {
        let url = "\(api.isEncrypted ? "https://localhost" : "http://127.0.0.1"):\(port)"
        switch api {
        case .login: world.endpoints.authority = url
        case .graph: world.endpoints.graph = url
        case .arm: world.endpoints.arm = url
        case .identity: world.endpoints.identity = url
        case .control: world.endpoints.control = url
        case .keyVault(let name): world.endpoints.vaults[name] = url
        }
    }

    /// The address of an API, empty until it is bound.
    func address(of api: API) -> String {
        switch api {
        case .login: world.endpoints.authority
        case .graph: world.endpoints.graph
        case .arm: world.endpoints.arm
        case .identity: world.endpoints.identity
        case .control: world.endpoints.control
        case .keyVault(let name): world.endpoints.vaults[name] ?? ""
        }
    }
}
