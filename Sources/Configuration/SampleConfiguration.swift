/// What `rekey init` writes: every section once, with what it is for.
package enum SampleConfiguration {
    package static let text = """
        # Rekey's configuration. It never holds a secret, only where to find one:
        #   env:NAME    file:/path    vault:VAULT/NAME
        # Durations are 30d, 12h, 15m, 5s or 500ms. `rekey check` reads it all and touches nothing.

        # Every tag and name that Rekey leaves behind carries this. Never change it.
        installation: example

        journal:
          sqlite: /var/lib/rekey/journal.db         # one worker; or, for several:
          # postgres:
          #   host: postgres.example.com
          #   database: rekey
          #   user: rekey
          #   password: file:/run/secrets/journal-password
          #   schema: rekey                         # made by the first worker
          #   tls: {mode: verify-full, ca: /etc/rekey/ca.pem}

        broker:
          url: amqps://rabbitmq.example.com:5671    # or a list of nodes
          vhost: /rekey
          user: rekey
          password: file:/run/secrets/rabbitmq-password
          # ca: /etc/rekey/ca.pem                   # else the system's authorities
          # certificate: /etc/rekey/client.pem      # where the broker asks for one
          # signingKey: /etc/rekey/client.key

        azure:
          tenant: 00000000-0000-0000-0000-000000000000
          identity:                                 # one of:
            clientSecret:
              client: 00000000-0000-0000-0000-000000000001
              secret: env:REKEY_CLIENT_SECRET
            # certificate: {client: …, certificate: /path.pem, signingKey: /path.key}
            # federated: {client: …, tokenFile: /var/run/secrets/azure/tokens/azure-identity-token}
            # managedIdentity: {}                   # or {client: …}
          # cloud: public                           # or usGovernment, china
          # authority, graph and resourceManager    # URLs, where the cloud answers elsewhere

        gateway:
          listen: 127.0.0.1:8080
          eventGrid:
            header: {name: X-Rekey-Secret, value: env:REKEY_EVENT_GRID_SECRET}
            # entra: {tenant: …, audience: …, applications: […]}
          apiToken: env:REKEY_API_TOKEN

        environments: [production]

        vaults:
          production: {url: "https://example-kv.vault.azure.net", environment: production}
          staging: {url: "https://example-staging-kv.vault.azure.net"}

        # Candidates wait here until they are proven. Only Rekey may read it.
        stagingVault: staging

        # Each layer goes over the one before: default, environment, kind, secret.
        # `rekey plan` shows which one decided.
        policies:
          default:
            lifetime: 90d                           # how long a new value is to last
            updateThreshold: 336h                   # how long before its end it is replaced
            grace: 1h                               # how long old and new both work afterwards
            deadlines: {prove: 10m, verify: 1h, hook: 1h, approval: 1d, call: 30s}
            attempts:
              {values: 3, calls: 5, probesPerHour: 12, firstBackoff: 500ms, longestBackoff: 1m}
          environments:
            production:
              notifyNearExpiry: true
              window:
                zone: Africa/Cairo
                days: [sun, mon, tue, wed, thu]
                from: "01:00"
                to: "05:00"
                onMissed: runNow                    # or next, or alarm
          kinds:
            postgres:
              generator: {password: {length: 32, classes: [lower, upper, digits]}}

        workloads:
          portal:
            http:
              checks:
                - {url: "https://portal.example.com/health", pointer: /status, equals: Healthy}
            cache: 30m                              # how long it may go on with what it has read
            needs: healthy

        hooks:
          on-prem:
            site: {site: cairo, path: /srv/app/.env, variable: CLIENT_SECRET}
          service-principal:
            automation:
              subscription: 00000000-0000-0000-0000-000000000002
              resourceGroup: operations
              account: example-automation
              runbook: Update-ServicePrincipal
              runOn: hybrid-workers                 # else it runs in Azure
              delivery: reference                   # or sealed, or includeSecret
            required: false

        sites:
          cairo: {certificate: /etc/rekey/sites/cairo.pem}

        # By this certificate agents know the worker. `rekey init --signer` makes one.
        signer: {certificate: /etc/rekey/signer.pem, signingKey: /etc/rekey/signer.key}

        # user:NAME is a user of the broker, as which `rekey` signs in; person:NAME whom the gateway
        # checked: a holder of the header by its name, an application by its id.
        permissions:
          gatewayUser: rekey                        # whose word about persons counts
          request: ["user:rekey"]                   # rotate
          approve: ["user:rekey"]                   # approve, reject, resume, pause, recover, …
          compromise: ["user:rekey"]                # rotate --reason compromise

        worker:
          sweepEvery: 5m                            # how often it looks for what is due
          rotationsInFlight: 256
          adoptionsPerSweep: 10                     # of those that are due when first seen
          vaultWritesPerTenSeconds: 300             # Key Vault takes no more
          claim: 2m                                 # until another worker takes a rotation over
          rememberFor: 90d                          # how long ids keep duplicates out
          # listen: 127.0.0.1:9464                  # /health, /ready, /metrics; gateway too

        logs: {form: plain, level: info}            # or json; debug, warning, error

        # A target by name, or said at its secret.
        targets:
          erp-roles:
            postgres:
              host: db.example.com
              tls: {mode: verify-full}
              administrator: {user: rekey_admin, password: env:REKEY_DATABASE_PASSWORD}
              accounts: [erp_a, erp_b]              # `rekey init --sql erp-database` makes them
              owner: erp

        secrets:
          # A client secret of an Entra application: added, proven, delivered, removed.
          - name: portal-client
            carrier: production/Portal--ClientSecret
            target:
              entraApplication:
                tenantId: 00000000-0000-0000-0000-000000000000
                applicationId: 00000000-0000-0000-0000-000000000003
                objectId: 00000000-0000-0000-0000-000000000004
            workloads: [portal]
            hooks: [on-prem, service-principal]

          # A connection string: two roles take turns, so that nobody is locked out.
          - name: erp-database
            carrier: {vault: production, name: ConnectionStrings--Default, format: ado}
            target: erp-roles
            workloads: [portal]
            policy:
              approval: true

        """
}
