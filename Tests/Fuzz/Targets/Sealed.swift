#if DEBUG
import Foundation
import RekeyCore
import RekeyPlatform

extension FuzzTarget {
    /// What a site's agent is sent: as it comes, and as changes of a good one.
    ///
    /// An input is a list of changes, four bytes each: where, what to do, and with which byte.
    static let cms = FuzzTarget("cms", words: ["0\u{80}", "\u{30}\u{82}"], byteLimit: 1_024) {
        input in
        let world = try SealedWorld.shared.get()
        try world.check(verifying: input)
        try world.check(verifying: changed(world.signed, by: input))
        try world.check(opening: input)
        try world.check(opening: changed(world.sealed, by: input))
    }

    private static func changed(_ original: [UInt8], by input: [UInt8]) -> [UInt8] {
        var bytes = original
        for start in stride(from: 0, to: input.count - 3, by: 4) where !bytes.isEmpty {
            let place = (Int(input[start]) << 8 | Int(input[start + 1])) % bytes.count
            switch input[start + 2] % 4 {
            case 0: bytes[place] = input[start + 3]
            case 1: bytes[place] ^= 1 << (input[start + 3] % 8)
            case 2: bytes.insert(input[start + 3], at: place)
            default: bytes.remove(at: place)
            }
        }
        return bytes
    }
}

/// A site and a signer with keys of their own, made anew by each process.
private struct SealedWorld {
    static let shared = Result { try SealedWorld() }
    private static let content = Array("what was signed".utf8)

    private let certificate: Certificate
    private let key: PrivateKey
    let signed: [UInt8]
    let sealed: [UInt8]

    private init() throws {
        key = try PrivateKey.generate(.p256)
        certificate = try Certificate.selfSigned(
            commonName: "site",
            key: key,
            validFor: .seconds(86_400),
            purpose: .sealing
        )
        signed = try CMS.sign(Self.content, certificate: certificate, key: key)
        sealed = try CMS.encrypt(Secret(copying: Self.content), to: certificate)
    }

    func check(verifying der: [UInt8]) throws {
        let content: [UInt8]
        do { content = try CMS.verify(der, pinned: [certificate]).content } catch {
            return try Canary.check(error)
        }
        try promise("what nobody signed was verified", content == Self.content)
    }

    /// Sealing alone proves nothing, so another content may come out; never a larger one.
    func check(opening der: [UInt8]) throws {
        let content: Secret
        do { content = try CMS.decrypt(der, certificate: certificate, key: key) } catch {
            return try Canary.check(error)
        }
        try promise("more was opened than was sealed", content.byteCount <= der.count)
    }
}
#endif
