//! The public endpoint.

mod client_address;
mod controls;
mod dialects;
mod fields;
mod limits;
mod pages;
mod uploads;
