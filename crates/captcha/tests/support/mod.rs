//! What the tests of captchas share.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

pub mod fake;
pub mod scene;
pub mod solver;
