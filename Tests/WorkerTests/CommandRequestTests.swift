import Foundation
import InMemoryHook
import InMemoryJournal
import RealParts
import RekeyCore
import RekeyPorts
import RekeyWorker
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Requests, and commands about a credential` {
    private func world(
        expiresIn seconds: Double = 90 * 86_400,
        access: AccessPolicy = CommandWorld.access,
        window: MaintenanceWindow? = nil,
        value: String = "old-value-1"
    ) async throws -> CommandWorld {
        let world = try await World(
            .addThenRemove,
            expiresIn: seconds,
            access: access,
            window: window,
            value: value
        )
        return CommandWorld(world)
    }

    /// A window that opens tomorrow, whatever day it is.
    private var tomorrow: MaintenanceWindow {
        let day = Int(Date().timeIntervalSince1970 / 86_400)
        let weekday = ((day + 1 + 4) % 7) + 1
        return MaintenanceWindow(
            zone: "UTC",
            days: [MaintenanceWindow.Weekday(rawValue: weekday) ?? .sunday],
            opensAtMinute: 0,
            closesAtMinute: 60,
            onMissed: .next
        )
    }

    @Test func `only those allowed rotate`() async throws {
        let it = try await world()
        try await it.withWorker {
            for (user, person) in [(nil, nil), ("mallory", nil), ("mallory", "ops@example.test")]
                as [(String?, String?)]
            {
                let answer = try await it.rotate(as: user, person: person)
                #expect(answer.type == .rotationDeclined)
                #expect(answer.content.detail?.contains("may not request") == true)
            }
            #expect(try await it.newest() == nil)
            #expect(try await it.rotate().type == .rotationAccepted)
        }
    }

    @Test func `the policy may let anybody rotate, but not declare a compromise`() async throws {
        let it = try await world(access: .requestsOnly)
        try await it.withWorker {
            let grave = try await it.rotate(reason: "compromise", as: nil)
            #expect(grave.type == .rotationDeclined)
            #expect(grave.content.detail?.contains("may not compromise") == true)
            #expect(try await it.rotate(as: nil).type == .rotationAccepted)
        }
    }

    @Test func `a second request joins the first; a compromise makes it urgent`() async throws {
        let it = try await world()
        it.world.hook.end(with: .failed("no host answered"))
        try await it.withWorker {
            let first = try await it.rotationWithFailedHook()
            let second = try await it.rotate()
            #expect(second.type == .rotationCoalesced)
            #expect(second.content.rotation == first.id.text)
            #expect(try await it.newest()?.isUrgent == false)
            let grave = try await it.rotate(
                reason: "compromise",
                as: "gateway",
                person: "security@example.test"
            )
            #expect(grave.type == .rotationCoalesced)
            try await eventually("it is urgent") {
                try await it.world.journal.rotation(first.id)?.isUrgent == true
            }
        }
    }

    @Test func `pause declines routine requests until unpause`() async throws {
        let it = try await world()
        try await it.withWorker {
            let paused = try await it.command("pause") { $0.secret = "orders" }
            #expect(paused.content.outcome == "accepted", "\(paused.content.detail ?? "")")
            let again = try await it.command("pause") { $0.secret = "orders" }
            #expect(again.content.outcome == "refused")
            let declined = try await it.rotate()
            #expect(declined.type == .rotationDeclined)
            #expect(declined.content.detail == "paused")
            let forged = try await it.command("unpause", as: "mallory") { $0.secret = "orders" }
            #expect(forged.content.outcome == "refused")
            let resumed = try await it.command("unpause") { $0.secret = "orders" }
            #expect(resumed.content.outcome == "accepted")
            #expect(try await it.rotate().type == .rotationAccepted)
        }
    }

    @Test func `nobody pauses what is not configured`() async throws {
        let it = try await world()
        try await it.withWorker {
            let answer = try await it.command("pause") { $0.secret = "no-such-secret" }
            #expect(answer.content.outcome == "refused")
            #expect(answer.content.detail?.contains("configured") == true)
        }
    }

    @Test func `after a failed rotation a request is deferred, and told until when`() async throws {
        let it = try await world()
        let record = CredentialRecord(
            id: "orders",
            adoptedAt: Date(),
            notBefore: Date() + 3_600,
            failedRotations: 1
        )
        try await it.world.journal.commit([.credential(record)], under: nil)
        try await it.withWorker {
            let answer = try await it.rotate()
            #expect(answer.type == .rotationDeferred)
            #expect(answer.content.detail?.contains("not before") == true)
            #expect(try await it.newest() == nil)
        }
    }

    @Test func `what is due waits for its window, and a person does not`() async throws {
        let it = try await world(expiresIn: 3_600, window: tomorrow)
        try await it.withWorker {
            try await eventually("the sweeper has looked") {
                let due = try await it.world.journal.credential("orders")?.dueAt
                return due.map { $0 > Date() } ?? false
            }
            #expect(try await it.newest() == nil)
            #expect(try await it.rotate().type == .rotationAccepted)
        }
    }

    @Test func `what came due is released by the sweeper once its time comes`() async throws {
        let it = try await world(expiresIn: 3_600)
        let opening = Date() + 1
        let record = CredentialRecord(
            id: "orders",
            adoptedAt: Date(),
            expiresAt: Date() + 3_600,
            dueAt: opening,
            notBefore: opening
        )
        try await it.world.journal.commit([.credential(record)], under: nil)
        let rotation = try await it.withWorker {
            try await it.rotation(until: "the sweeper asks") { _ in true }
        }
        #expect(rotation.times.acceptedAt >= opening)
        #expect(rotation.requestedBy == "sweeper")
    }

    @Test func `a value that must not rotate is declined with the reason`() async throws {
        let it = try await world(value: "CfDJ8AAAAAAAAAAAAAAAAAAAAA")
        try await it.withWorker {
            let answer = try await it.rotate()
            #expect(answer.type == .rotationDeclined)
            #expect(answer.content.detail?.contains("DataProtection") == true)
        }
    }
}
