//! What runs inside of Redis, each as one atomic step on one key, or on keys that lie together, so
//! that a cluster takes it, too.

use std::sync::LazyLock;

use redis::Script;

macro_rules! script {
    ($name:ident, $file:literal, $what:literal) => {
        #[doc = $what]
        pub(crate) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(include_str!(concat!("scripts/", $file))));
    };
}

script!(ADMIT, "admit.lua", "Decides on one request by several limits, and counts it.");
script!(UNLOCK, "unlock.lua", "Releases a lock.");
script!(BEAT, "beat.lua", "Says that a node is there.");

/// All of them, to be loaded with each new connection.
pub(crate) fn all() -> [&'static Script; 3] {
    [&ADMIT, &UNLOCK, &BEAT]
}
