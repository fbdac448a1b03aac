import CrashLab
import Foundation
import InMemoryBroker
import InMemoryVault
import RekeyCore
import RekeyPorts

// What people hear, and what they do about it; and their own mistakes.
extension SimulatedWorld {
    /// Listens for as long as the world lasts.
    func runPeople() async {
        let ear = outsider.peer(subscriptions: [Self.alarms])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await ear.run() }
            for await delivery in ear.deliveries {
                if let event = try? CloudEvent(decoding: delivery.body) { hear(event) }
                await ear.acknowledge([delivery.tag])
            }
        }
    }

    private func hear(_ event: CloudEvent) {
        guard let name = event.content.secret, let secret = secret(CredentialID(name)) else {
            return
        }
        let what = [event.type.routingKey, event.content.detail].compactMap(\.self)
        let kind = event.type == .secretExpiring ? what.joined(separator: " ") : what[0]
        judge.told(kind, of: secret.definition.id, at: clock.elapsed)
        note("told of \(kind) \(name)")
        guard let rotation = event.content.rotation else { return }
        switch event.type {
        case .rotationStuck, .hookFailed:
            let wait = draw { $0.pick([(0.7, 3_600...86_400), (0.3, 86_400...4 * 86_400)]) }
            after(wait) { await self.decide(on: secret, rotation, tries: 0) }
        case .rotationAwaitingApproval:
            let (wait, command) = draw { choice in
                (
                    choice.pick([(0.85, 3_600...2 * 86_400), (0.15, 4 * 86_400...6 * 86_400)]),
                    choice.chance(0.1) ? "reject" : "approve"
                )
            }
            let plan = event.content.plan
            after(wait) {
                self.weather.count(wait > 3 * Day.seconds ? "approvals too late" : "\(command)s")
                await self.command(command, on: rotation, plan: plan)
            }
        default: break  // The others are for the record.
        }
    }

    /// Somebody looks at a rotation that waits for a person.
    private func decide(on secret: SimulatedSecret, _ id: String, tries: Int) async {
        guard let rotation = secret.seen.rotation, rotation.id.text == id, !rotation.isOver else {
            return
        }
        let hasFailedHook = rotation.hooks.contains { hook in
            if case .failed = hook.state { true } else { false }
        }
        guard rotation.stuckReason != nil || hasFailedHook else { return }
        let isDrift = rotation.stuckReason?.hasPrefix("drift") == true
        let canRebase = rotation.step == .promote || rotation.step == .restore
        weather.count("decisions on stuck rotations")
        if tries > 2 || (isDrift && !canRebase) {
            await abandon(id, of: secret)
        } else {
            await command("resume", on: id, rebase: isDrift)
        }
        after(2 * Day.seconds) { await self.decide(on: secret, id, tries: tries + 1) }
    }

    /// Gives a rotation up; who still held what it left accepted is seen to by hand, and then it
    /// may be overwritten.
    func abandon(_ id: String, of secret: SimulatedSecret) async {
        await command("abandon", on: id)
        let name = secret.definition.id.text
        if !impediments.isOpen("given up", at: name) {
            impediments.begin("given up", at: name, clock.elapsed)
        }
        after(2 * Day.seconds) { await self.rotateAgain(secret, tries: 0) }
    }

    private func rotateAgain(_ secret: SimulatedSecret, tries: Int) async {
        // The next one may fail for an outage, and what is owed is still refused without force.
        guard let rotation = secret.seen.rotation, rotation.end != .closed, tries < 30 else {
            return
        }
        guard rotation.isOver else {
            return after(2 * Day.seconds) { await self.rotateAgain(secret, tries: tries + 1) }
        }
        await bringTogether(secret)
        var content = EventContent()
        content.secret = secret.definition.id.text
        content.reason = "routine"
        content.force = true
        secret.change { $0.wishes += 1 }
        weather.count("rotations over what was owed")
        await insist(.rotationRequested, content)
        after(2 * Day.seconds) { await self.rotateAgain(secret, tries: tries + 1) }
    }

    /// Whoever gives up sees that all agree again, before what somebody holds is overwritten.
    ///
    /// The vault holds what Rekey wrote last, and the workloads take that up; where a value has a
    /// verifier, each carrier gets what the caller holds, and its verifier accepts.
    private func bringTogether(_ secret: SimulatedSecret) async {
        let hasVerifier = secret.definition.strategy == .valueOnly
        for place in secret.definition.carriers.map(\.reference) {
            let own = secret.lastOwn(of: place)?.text
            guard let value = hasVerifier ? secret.callersValue : own,
                let latest = secret.latest(of: place), latest.text != value || !latest.isEnabled
            else { continue }
            await put(value, into: secret, at: place, expires: latest.expires)
        }
        if !hasVerifier { secret.restartWorkloads() }
    }

    func command(
        _ name: String,
        on rotation: String? = nil,
        secret: String? = nil,
        rebase: Bool? = nil,
        plan: String? = nil
    ) async {
        var content = EventContent()
        content.command = name
        content.rotation = rotation
        content.secret = secret
        content.rebase = rebase
        content.plan = plan
        note("a person orders \(name) \(secret ?? rotation ?? "")")
        await insist(.commandIssued, content)
    }

    /// Publishes until the broker takes it.
    func insist(_ type: EventType, _ content: EventContent) async {
        let id = "operator-\(draw { $0.next() })"
        await insist(type, id, content)
    }

    private func insist(_ type: EventType, _ id: String, _ content: EventContent) async {
        guard await !publish(type, id, content, by: Self.operatorUser) else { return }
        after(1_800) { await self.insist(type, id, content) }
    }
}
