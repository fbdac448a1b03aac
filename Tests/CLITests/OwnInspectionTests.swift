import RealParts
import RekeyCore
import RekeyPorts
import Testing

@testable import rekey

@Suite struct `What Rekey itself stands on` {
    @Test func `is missed by the name of the setting`() async throws {
        let assembly = Assembly(try Unreadable.settings())
        let findings = await OwnInspection(assembly).findings()
        #expect(
            findings.map(\.subject) == [
                "broker.password", "gateway.apiToken", "gateway.eventGrid.header.value",
                "gateway.certificate", "gateway.signingKey",
                "signer.certificate", "signer.signingKey",
                "azure.identity.certificate.certificate", "azure.identity.certificate.signingKey",
                "sites.cairo.certificate", "journal.sqlite",
            ]
        )
        #expect(findings.allSatisfy { $0.severity == .problem && $0.hint != nil })
        let missing = "\(Unreadable.folder)/broker cannot be opened"
        #expect(findings.first?.text == missing)
    }

    @Test func `is all told of by a check, though no more can be looked at`() async throws {
        let folder = try TemporaryDirectory("check")
        let file = try folder.write(Unreadable.text(), to: "rekey.yaml")
        let program = try BuiltProgram.path("rekey")
        let outcome = try await ChildProcess.run(program, ["check", "--config", file])
        #expect(outcome.exit == .code(Problem.configuration), "\(outcome.errors)")
        for setting in ["broker.password", "gateway.apiToken", "signer.signingKey"] {
            #expect(outcome.output.contains("problem: \(setting): "), "\(outcome.output)")
        }
        #expect(outcome.errors.contains("azure.pem cannot be opened"), "\(outcome.errors)")
    }
}
