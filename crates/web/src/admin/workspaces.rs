//! `/admin/workspaces`: all that somebody may open, and a new one.

use axum::{extract::State, response::Response};
use formhold_domain::{WorkspaceId, access::Action};
use formhold_service::{WorkspaceSummary, access::allows, workspaces};
use http::StatusCode;
use serde::Deserialize;

use super::{ASKED, Shown, cut, status_of};
use crate::{
    WebState,
    pages::{
        FormState,
        admin::{NewWorkspacePage, WorkspaceRow, WorkspacesPage},
    },
    visit::{Around, Asked, Done, Sent, Visit, reply},
};

#[derive(Default, Deserialize)]
pub(super) struct WorkspacesQuery {
    after: Option<WorkspaceId>,
}

#[derive(Deserialize)]
pub(super) struct WorkspaceForm {
    #[serde(default)]
    name: String,
}

/// A page of workspaces, with their ids as text.
pub(super) struct Rows {
    found: Vec<(String, WorkspaceSummary)>,
    has_more: bool,
}

impl Rows {
    /// Those that this visit may see after this one.
    pub(super) async fn of(
        state: &WebState,
        visit: &Visit,
        after: Option<WorkspaceId>,
    ) -> Result<Self, Response> {
        let found = workspaces::list_workspaces(&state.0.app, &visit.caller, after, ASKED).await;
        let mut found = found.map_err(|failure| visit.failed(&failure))?;
        let has_more = cut(&mut found);
        let found = found.into_iter().map(|it| (it.workspace.id.to_string(), it)).collect();
        Ok(Self { found, has_more })
    }

    /// The same for templates.
    pub(super) fn rows(&self, visit: &Visit) -> Vec<WorkspaceRow<'_>> {
        let person = visit.caller.person();
        let role = |id| {
            let own = person?.memberships.iter().find(|it| it.workspace_id == id)?;
            Some(own.role.as_str())
        };
        let found = self.found.iter();
        let rows = found.map(|(id, it)| WorkspaceRow {
            id,
            name: it.workspace.name.as_str(),
            forms: it.forms,
            members: it.members,
            role: role(it.workspace.id),
        });
        rows.collect()
    }

    pub(super) fn has_more(&self) -> bool {
        self.has_more
    }

    fn next(&self) -> Option<String> {
        let (last, _) = self.found.last()?;
        self.has_more.then(|| format!("/admin/workspaces?after={last}"))
    }
}

/// `GET /admin/workspaces`.
pub(super) async fn list_workspaces(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<WorkspacesQuery>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let found = Rows::of(&state, &visit, query.after).await?;
    let next = found.next();
    let page = WorkspacesPage {
        frame: around.frame(),
        workspaces: &found.rows(&visit),
        may_create: allows(&visit.caller, Action::CreateWorkspaces, None),
        next: next.as_deref(),
    };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `GET /admin/workspaces/new`.
pub(super) async fn show_new_workspace(State(state): State<WebState>, visit: Visit) -> Shown {
    let around = Around::of(&state, &visit).await?;
    if !allows(&visit.caller, Action::CreateWorkspaces, None) {
        return Err(reply::error(crate::pages::ErrorKind::Forbidden));
    }
    let form = FormState::default();
    Ok(reply::page(StatusCode::OK, &NewWorkspacePage { frame: around.frame(), form: &form }))
}

/// `POST /admin/workspaces/new`.
pub(super) async fn create_workspace(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<WorkspaceForm>,
) -> Shown {
    let made = workspaces::create_workspace(&state.0.app, &visit.caller, &form.name).await;
    let failure = match made {
        Ok(made) => {
            let path = format!("/admin/workspaces/{}", made.id);
            return Ok(reply::see_other(&Done::WorkspaceCreated.at(&path)));
        }
        Err(failure) => failure,
    };
    let filled = FormState::filled([("name", form.name)]);
    let form = reply::problems(&failure, filled).ok_or_else(|| visit.failed(&failure))?;
    let around = Around::of(&state, &visit).await?;
    let page = NewWorkspacePage { frame: around.frame(), form: &form };
    Ok(reply::page(status_of(&failure), &page))
}
