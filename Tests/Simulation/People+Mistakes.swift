import CrashLab
import Foundation
import InMemoryJournal
import InMemoryVault
import RekeyCore
import RekeyPorts

// What people do to secrets, past Rekey and through it.
extension SimulatedWorld {
    func planMistakes() {
        guard !settings.isCalm else { return }
        for secret in secrets { planMistake(with: secret) }
    }

    private func planMistake(with secret: SimulatedSecret) {
        let (wait, kind) = draw { choice in
            (choice.wait(mean: 900 * Day.seconds), Int.random(in: 0..<6, using: &choice))
        }
        after(wait) {
            switch kind {
            case 0: await self.leavePaused(secret)
            case 1: await self.type("typed-by-hand-\(self.draw { $0.next() })", into: secret)
            case 2: await self.uploadAgain(secret)
            case 3: await self.disable(secret)
            case 4: await self.interrupt(secret)
            default: await self.wish(for: secret)
            }
            self.planMistake(with: secret)
        }
    }

    /// A pause that is left on for days or months.
    private func leavePaused(_ secret: SimulatedSecret) async {
        let name = secret.definition.id.text
        // Tried again after an outage, it might be taken after its own end.
        guard !impediments.isOpen("paused", at: name), !weather.isDown("broker") else { return }
        weather.count("pauses left on")
        impediments.begin("paused", at: name, clock.elapsed)
        await command("pause", secret: name)
        let length = draw { $0.pick([(0.7, 1...20), (0.3, 20...80)]) } * Day.seconds
        after(length) { await self.unpause(secret, days: 0) }
    }

    /// Orders it each day until it is so: while the worker's date is far behind, it is parked as an
    /// order whose time is to come.
    private func unpause(_ secret: SimulatedSecret, days: Int) async {
        let id = secret.definition.id
        let record = try? await journal.credential(id)
        guard days == 0 || (record?.isPaused == true && days < Self.patienceDays) else {
            return impediments.end("paused", at: id.text, clock.elapsed)
        }
        await command("unpause", secret: id.text)
        after(Day.seconds) { await self.unpause(secret, days: days + 1) }
    }

    /// Longer than any outage, or than the worker's date is wrong.
    private static let patienceDays = 15

    /// A wrong value is put into the vault by hand, and days later the right one again.
    private func type(_ value: String, into secret: SimulatedSecret) async {
        let place = secret.definition.carriers[0].reference
        let name = secret.definition.id.text
        guard let latest = secret.latest(of: place), !latest.isForeign,
            !impediments.isOpen("typed by hand", at: name)
        else { return }
        weather.count("values typed by hand")
        impediments.begin("typed by hand", at: name, clock.elapsed)
        await put(value, into: secret, at: place, expires: latest.expires)
        after(draw { $0.pick([(1, 1...20)]) } * Day.seconds) {
            // Unless Rekey has written since.
            if secret.latest(of: place)?.isForeign == true {
                await self.put(latest.text, into: secret, at: place, expires: latest.expires)
            }
            self.after(2 * Day.seconds) {
                self.impediments.end("typed by hand", at: name, self.clock.elapsed)
            }
        }
    }

    /// The same value is put in once more, with another end or none, which is named later.
    private func uploadAgain(_ secret: SimulatedSecret) async {
        let place = secret.definition.carriers[0].reference
        let name = secret.definition.id.text
        guard let latest = secret.latest(of: place), !latest.isForeign else { return }
        weather.count("values put in again")
        impediments.begin("put in again", at: name, clock.elapsed)
        await self.put(latest.text, into: secret, at: place, expires: nil)
        after(10 * Day.seconds) {
            if secret.latest(of: place)?.isForeign == true {
                let life = secret.definition.policy.lifetimeSeconds
                let end = self.clock.truth + life
                await self.put(latest.text, into: secret, at: place, expires: end)
            }
            self.after(2 * Day.seconds) {
                self.impediments.end("put in again", at: name, self.clock.elapsed)
            }
        }
    }

    /// The latest version is disabled for days.
    private func disable(_ secret: SimulatedSecret) async {
        let place = secret.definition.carriers[0].reference
        let name = secret.definition.id.text
        guard let latest = secret.latest(of: place), latest.isEnabled,
            !impediments.isOpen("disabled", at: name)
        else { return }
        weather.count("latest versions disabled")
        impediments.begin("disabled", at: name, clock.elapsed)
        await setEnabled(false, latest.id, secret, place)
        after(draw { $0.pick([(1, 1...20)]) } * Day.seconds) {
            await self.setEnabled(true, latest.id, secret, place)
            self.after(2 * Day.seconds) {
                self.impediments.end("disabled", at: name, self.clock.elapsed)
            }
        }
    }

    /// A rotation in flight is sent back or given up; most are not in flight then.
    private func interrupt(_ secret: SimulatedSecret) async {
        guard let rotation = secret.seen.rotation, !rotation.isOver else { return }
        weather.count("rotations interrupted")
        if draw({ $0.chance(0.5) }) {
            await command("rollback", on: rotation.id.text)
        } else {
            await abandon(rotation.id.text, of: secret)
        }
    }

    /// Somebody wants a rotation now.
    private func wish(for secret: SimulatedSecret) async {
        weather.count("rotations asked for")
        secret.change { $0.wishes += 1 }
        var content = EventContent()
        content.secret = secret.definition.id.text
        content.reason = "routine"
        await insist(.rotationRequested, content)
    }

    func put(
        _ text: String,
        into secret: SimulatedSecret,
        at place: SecretReference,
        expires: Date?
    ) async {
        guard let vault = vaults[place.vault] else { return }
        let entry = VaultEntry(value: Secret(copying: text.utf8), expires: expires)
        let id = await vault.place(entry, as: place.name)
        written(entry, id, at: place, isForeign: true)
        note("a person writes \(place)")
    }

    private func setEnabled(
        _ isEnabled: Bool,
        _ id: VersionID,
        _ secret: SimulatedSecret,
        _ place: SecretReference
    ) async {
        await vaults[place.vault]?.setEnabled(isEnabled, id, of: place.name)
        secret.setEnabled(isEnabled, id, of: place)
        note("a person \(isEnabled ? "enables" : "disables") \(place)")
    }
}
