import RekeyCore

extension VaultSettings {
    init?(_ name: String, _ section: Section) {
        let url = section.need("url") { section.url($0, schemes: ["https"]) }
        let environment = section.name("environment")
        let allowsStaging = section.flag("allowStaging") ?? false
        section.finish()
        guard let url else { return nil }
        self.init(
            name: VaultName(name),
            url: url.text,
            environment: environment,
            allowsStaging: allowsStaging
        )
    }
}
