//! For tests only: a running Formhold in this process or in one of its own, on throw-away
//! databases of either kind, with a clock that can be moved.

mod app;
mod clock;
mod database;
mod program;
mod redis_server;
mod strace;

pub use app::{TestApp, client, files_below, form_of, settings_for, submissions_of};
pub use clock::TestClock;
pub use database::{Held, Stack, TestDatabase};
pub use program::{Program, Running, free_port};
pub use redis_server::{RedisServer, redis_cli, redis_is_there, wait_for};
pub use strace::{KillPoint, Strace};

/// Runs an `async fn(TestApp)` once on each stack; on MariaDB only where one is there.
///
/// ```ignore
/// on_both_stacks! {
///     async fn a_form_can_be_posted(app: TestApp) { ... }
/// }
/// ```
#[macro_export]
macro_rules! on_both_stacks {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn run($app: $crate::TestApp) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                run($crate::TestApp::start($crate::Stack::Sqlite).await).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread")]
            async fn on_mariadb() {
                if $crate::Stack::MariaDb.is_there() {
                    run($crate::TestApp::start($crate::Stack::MariaDb).await).await;
                }
            }
        }
    )+};
}
