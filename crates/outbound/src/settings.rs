//! Settings of calls to addresses that users type.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// The section `[outbound]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Networks that users' addresses may lead to although they are not public, as `10.1.2.0/24`.
    pub allow_networks: Vec<IpNet>,
}
