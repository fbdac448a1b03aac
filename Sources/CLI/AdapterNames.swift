import AutomationHook
import EntraApplicationTarget
import HTTPWorkload
import PostgresTarget
import SiteHook

// The configuration has types of the same names, and a module that is called like its main type
// cannot qualify them: here only the adapters are imported, so the names are theirs.
typealias PostgresAdapterSettings = PostgresTargetSettings
typealias EntraAdapterSettings = EntraApplicationSettings
typealias AutomationAdapterSettings = AutomationHookSettings
typealias HTTPAdapterSettings = HTTPWorkloadSettings
typealias SiteAdapterSettings = SiteHookSettings
