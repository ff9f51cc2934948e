//! The client for addresses that users typed, against servers on this machine.

mod answers;
mod peer;
mod rebinding;
mod spellings;
mod tls;
