//! Numbers for the dashboard: from counters that are kept as things happen, never by counting rows.

mod cache;
mod check;
mod overview;
mod refusals;
mod trend;

use formhold_domain::{
    WorkspaceId,
    access::{Action, Actor, Caller},
};

pub use cache::{CacheStats, cache_stats};
pub use check::{check_counters, repair_counters};
pub use formhold_store::{CounterDifference, CounterKind, FormTally, Tally};
pub use overview::{FormStats, Overview, Period, Scope, form_stats, overview};
pub(crate) use refusals::Refusals;
pub use refusals::write_refusals;
pub use trend::{Bucket, Trend, TrendIn, TrendPoint, Zone, trend};

use crate::{ServiceError, access::require};

/// An hour in milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// The workspaces whose numbers the caller may see; none: of all there are. Of a token, and of one
/// workspace that is asked for, that one alone.
///
/// # Errors
/// As [`require`].
fn seen(
    caller: &Caller,
    workspace_id: Option<WorkspaceId>,
) -> Result<Option<Vec<WorkspaceId>>, ServiceError> {
    if let Some(id) = workspace_id {
        require(caller, Action::SeeStats, Some(id))?;
        return Ok(Some(vec![id]));
    }
    let person = match &caller.actor {
        Actor::Visitor => return Err(ServiceError::SignInRequired),
        Actor::System(_) => return Ok(None),
        Actor::Person(person) => person,
    };
    if let formhold_domain::access::Via::Token { workspace: Some(id), .. } = &person.via {
        require(caller, Action::SeeStats, Some(*id))?;
        return Ok(Some(vec![*id]));
    }
    if person.is_admin() {
        // Any workspace stands for all: an admin is an owner of each.
        require(caller, Action::SeeStats, Some(WorkspaceId::FIRST))?;
        return Ok(None);
    }
    let mut allowed = Vec::new();
    let mut refused = None;
    for membership in &person.memberships {
        match require(caller, Action::SeeStats, Some(membership.workspace_id)) {
            Ok(()) => allowed.push(membership.workspace_id),
            Err(error) => refused = Some(error),
        }
    }
    match refused {
        Some(error) if allowed.is_empty() => Err(error),
        _ => Ok(Some(allowed)),
    }
}
