//! `/admin/users/{id}`: one user, and what can be done about one.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{UserId, accounts::UserState};
use formhold_service::{
    ServiceError,
    users::{self, UserPatch},
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    Shown, is_confirmed, status_of,
    users::{role_and_language, state_of},
};
use crate::{
    WebState,
    pages::{
        Act, ConfirmActPage, ErrorKind, FormState, Named, TimeView,
        admin::{MembershipRow, PasswordLinkPage, UserDetail, UserPage},
    },
    visit::{Around, Button, Done, Sent, Visit, person, picture_path, reply},
};

const LIST: &str = "/admin/users";

#[derive(Deserialize)]
pub(super) struct UserForm {
    #[serde(default)]
    version: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    language: String,
}

#[derive(Deserialize)]
pub(super) struct ConfirmForm {
    #[serde(default)]
    confirm: String,
}

/// `GET /admin/users/{id}`.
pub(super) async fn show_user(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let id = parse(&id)?;
    page(&state, &visit, id, StatusCode::OK, None).await
}

/// `POST /admin/users/{id}`.
pub(super) async fn change_user(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<UserForm>,
) -> Shown {
    let id = parse(&id)?;
    // A form of ours always says which version it was made for.
    let version = form.version.parse().map_err(|_| reply::error(ErrorKind::FormExpired))?;
    let changed = match role_and_language(&form.role, &form.language) {
        Ok((role, language)) => {
            let name = Some(form.name.clone());
            let patch = UserPatch { name, role: Some(role), language: Some(language) };
            users::change_user(&state.0.app, &visit.caller, id, Some(version), patch).await
        }
        Err(failure) => Err(failure),
    };
    let failure = match changed {
        Ok(_) => return Ok(reply::see_other(&Done::UserSaved.at(&path(id)))),
        Err(failure) => failure,
    };
    let entered = [("name", form.name), ("role", form.role), ("language", form.language)];
    let form = reply::problems(&failure, FormState::filled(entered));
    let form = form.ok_or_else(|| visit.failed(&failure))?;
    // What somebody else saved is shown, not what was entered over it.
    let form = match failure {
        ServiceError::Stale(_) => Entered::Told(form),
        _ => Entered::Again(form),
    };
    page(&state, &visit, id, status_of(&failure), Some(form)).await
}

/// `POST /admin/users/{id}/enable`.
pub(super) async fn enable_user(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let id = parse(&id)?;
    let done = users::set_user_state(&state.0.app, &visit.caller, id, UserState::Active).await;
    done.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::UserEnabled.at(&path(id))))
}

/// `GET /admin/users/{id}/disable`.
pub(super) async fn ask_disable_user(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let question = Question::Disable;
    question.ask(&state, &visit, parse(&id)?, StatusCode::OK, &FormState::default()).await
}

/// `POST /admin/users/{id}/disable`.
pub(super) async fn disable_user(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let id = parse(&id)?;
    let done = users::set_user_state(&state.0.app, &visit.caller, id, UserState::Disabled).await;
    match done {
        Ok(_) => Ok(reply::see_other(&Done::UserDisabled.at(&path(id)))),
        Err(failure) => Question::Disable.again(&state, &visit, id, &failure).await,
    }
}

/// `GET /admin/users/{id}/delete`.
pub(super) async fn ask_delete_user(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let question = Question::Delete;
    question.ask(&state, &visit, parse(&id)?, StatusCode::OK, &FormState::default()).await
}

/// `POST /admin/users/{id}/delete`.
pub(super) async fn delete_user(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<ConfirmForm>,
) -> Shown {
    let (id, app) = (parse(&id)?, &state.0.app);
    let user = users::get_user(app, &visit.caller, id).await;
    let user = user.map_err(|failure| visit.failed(&failure))?;
    if !is_confirmed(&form.confirm, user.email.as_str()) {
        let problem = FormState::filled([("confirm", form.confirm)])
            .with_problem("confirm", "This is not the user's address.");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Question::Delete.ask(&state, &visit, id, status, &problem).await;
    }
    // Whoever has another address by now is not who was meant.
    match users::delete_user(app, &visit.caller, id, Some(user.version)).await {
        Ok(()) => Ok(reply::see_other(&Done::UserDeleted.at(LIST))),
        Err(failure) => Question::Delete.again(&state, &visit, id, &failure).await,
    }
}

/// `GET /admin/users/{id}/factors/reset`.
pub(super) async fn ask_reset_factors(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let question = Question::ResetFactors;
    question.ask(&state, &visit, parse(&id)?, StatusCode::OK, &FormState::default()).await
}

/// `POST /admin/users/{id}/factors/reset`.
pub(super) async fn reset_factors(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let id = parse(&id)?;
    match users::reset_factors(&state.0.app, &visit.caller, id).await {
        Ok(()) => Ok(reply::see_other(&Done::FactorsReset.at(&path(id)))),
        Err(failure) => Question::ResetFactors.again(&state, &visit, id, &failure).await,
    }
}

/// `POST /admin/users/{id}/password-link`. The page is the only place where the link is ever shown.
pub(super) async fn make_password_link(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let (id, app) = (parse(&id)?, &state.0.app);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let user = users::get_user(app, &visit.caller, id).await.map_err(failed)?;
    let around = Around::of(&state, &visit).await?;
    let link = match users::password_link(app, &visit.caller, id).await {
        Ok(link) => link,
        Err(failure) => {
            let form = reply::problems(&failure, FormState::default());
            let form = Entered::Told(form.ok_or_else(|| visit.failed(&failure))?);
            return page(&state, &visit, id, status_of(&failure), Some(form)).await;
        }
    };
    let id = id.to_string();
    let user = Named { id: &id, name: user.name.as_str() };
    let page = PasswordLinkPage { frame: around.frame(), user, link: &link };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `POST /admin/users/{id}/sessions/end`.
pub(super) async fn end_user_sessions(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let id = parse(&id)?;
    let ended = users::end_sessions(&state.0.app, &visit.caller, id).await;
    ended.map_err(|failure| visit.failed(&failure))?;
    Ok(reply::see_other(&Done::UserSessionsEnded.at(&path(id))))
}

/// What is asked once more.
#[derive(Clone, Copy)]
enum Question {
    Disable,
    Delete,
    ResetFactors,
}

impl Question {
    async fn ask(
        self,
        state: &WebState,
        visit: &Visit,
        id: UserId,
        status: StatusCode,
        form: &FormState,
    ) -> Shown {
        let around = Around::of(state, visit).await?;
        let user = users::get_user(&state.0.app, &visit.caller, id).await;
        let user = user.map_err(|failure| visit.failed(&failure))?;
        let id = id.to_string();
        let act = match self {
            Self::Disable => Act::DisableUser(Named { id: &id, name: user.name.as_str() }),
            Self::ResetFactors => Act::ResetFactors(Named { id: &id, name: user.name.as_str() }),
            Self::Delete => Act::DeleteUser(person(&id, &user, None)),
        };
        Ok(reply::page(status, &ConfirmActPage { frame: around.frame(), form, act }))
    }

    /// Asks again because it could not be done.
    async fn again(
        self,
        state: &WebState,
        visit: &Visit,
        id: UserId,
        failure: &ServiceError,
    ) -> Shown {
        let form = reply::problems(failure, FormState::default());
        let form = form.ok_or_else(|| visit.failed(failure))?;
        self.ask(state, visit, id, status_of(failure), &form).await
    }
}

/// What a form that was not saved is shown with.
enum Entered {
    /// What was entered.
    Again(FormState),
    /// What is saved, and this above it.
    Told(FormState),
}

async fn page(
    state: &WebState,
    visit: &Visit,
    id: UserId,
    status: StatusCode,
    entered: Option<Entered>,
) -> Shown {
    let around = Around::of(state, visit).await?;
    let found = users::user_detail(&state.0.app, &visit.caller, id).await;
    let found = found.map_err(|failure| visit.failed(&failure))?;
    let (user, id_text, picture) = (&found.user, id.to_string(), picture_path(&found.user));
    let saved = [
        ("name", user.name.as_str()),
        ("role", user.role.as_str()),
        ("language", user.language.tag()),
    ];
    let form = match entered {
        None => FormState::filled(saved),
        Some(Entered::Again(form)) => form,
        Some(Entered::Told(form)) => form.refilled(saved),
    };
    let memberships: Vec<_> =
        found.memberships.iter().map(|(it, role)| (it.id.to_string(), it, role)).collect();
    let memberships: Vec<_> = memberships
        .iter()
        .map(|(id, it, role)| MembershipRow {
            workspace_id: id,
            workspace: it.name.as_str(),
            role: role.as_str(),
        })
        .collect();
    let detail = UserDetail {
        person: person(&id_text, user, picture.as_deref()),
        version: user.version,
        role: user.role.as_str(),
        state: state_of(user),
        created: TimeView::at_ms(user.created_at_ms),
        last_seen: user.signed_in_at_ms.map(TimeView::at_ms),
        has_password: user.has_password,
        has_totp: user.has_totp,
        passkeys: found.passkeys,
        sessions: found.sessions,
    };
    let page = UserPage {
        frame: around.frame(),
        user: &detail,
        form: &form,
        memberships: &memberships,
        is_self: around.user.id == id,
    };
    Ok(reply::page(status, &page))
}

fn parse(id: &str) -> Result<UserId, Response> {
    id.parse().map_err(|_| reply::error(ErrorKind::NotFound))
}

fn path(id: UserId) -> String {
    format!("{LIST}/{id}")
}
