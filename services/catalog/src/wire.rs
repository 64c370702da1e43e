//! The serialised form of this context's events: JSON, all at version 1. Samples: `schema/events/catalog/`.

use kernel::json_wire;

use crate::published::capability::Event as CapabilityEvent;
use crate::published::health::Event as HealthEvent;
use crate::published::listing::Event as ListingEvent;
use crate::published::provider::Event as ProviderEvent;

json_wire!(CapabilityEvent {
    Defined => "capability_defined",
    ContractDefined => "capability_contract_defined",
});

json_wire!(ProviderEvent {
    Opened => "provider_opened",
    StoreChanged => "provider_store_changed",
    AccentChosen => "provider_accent_chosen",
    LogoSet => "provider_logo_set",
    LogoRemoved => "provider_logo_removed",
});

json_wire!(ListingEvent {
    Drafted => "listing_drafted",
    Revised => "listing_revised",
    Submitted => "listing_submitted",
    Probed => "listing_probed",
    ChangesRequested => "listing_changes_requested",
    Published => "listing_published",
    Deprecated => "listing_deprecated",
    Retired => "listing_retired",
});

json_wire!(HealthEvent {
    Measured => "health_measured",
});

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
