//! File storage through its public door: on a local disk, and on an S3 server behind a door that
//! can be shut, slowed and cut.

mod broken_s3;
mod door;
mod killed;
mod local;
mod memory;
mod packing;
mod pictures;
mod s3;
mod scanner;
mod scene;
