//! Promises P1 and P2: what is acknowledged is stored, once, whenever the program is killed.

mod checkpoints;
mod idempotency;
mod kill_points;
mod kill_sweep;
mod lost_connections;
mod parallel_writers;
mod scene;
mod tally;
mod two_nodes;
