//! `/account/tokens`: what lets programs act in somebody's name.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{
    TokenId,
    access::{Action, Scope},
    accounts::ApiToken,
};
use formhold_service::{
    ServiceError,
    tokens::{self, TokenIn},
    workspace_choices::workspaces_for,
};
use http::StatusCode;
use serde::Deserialize;

use crate::{
    WebState,
    pages::{
        Act, ConfirmActPage, ErrorKind, FormState, Named, TimeView,
        account::{NewTokenPage, TokenCreatedPage, TokenRow, TokensPage},
    },
    visit::{Around, Asked, Button, Done, Sent, Visit, reply},
};

const PATH: &str = "/account/tokens";
const PAGE: usize = 50;

#[derive(Default, Deserialize)]
pub(super) struct TokensQuery {
    cursor: Option<TokenId>,
}

#[derive(Deserialize)]
pub(super) struct TokenForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    workspace_id: String,
    #[serde(default)]
    expires_in_days: String,
}

/// `GET /account/tokens`.
pub(super) async fn show_tokens(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<TokensQuery>,
) -> Result<Response, Response> {
    let around = Around::of(&state, &visit).await?;
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let mut found: Vec<ApiToken> =
        tokens::list_tokens(app, caller, None, query.cursor, PAGE as u64 + 1)
            .await
            .map_err(failed)?;
    let workspaces = workspaces_for(app, caller, Action::SeeWorkspace).await.map_err(failed)?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| format!("{PATH}?cursor={}", last.id));
    let now_ms = app.clock.now_ms();
    let texts: Vec<(String, Vec<&str>)> = found
        .iter()
        .map(|token| (token.id.to_string(), token.scopes.iter().map(Scope::as_str).collect()))
        .collect();
    let rows: Vec<TokenRow<'_>> = found
        .iter()
        .zip(&texts)
        .map(|(token, (id, scopes))| TokenRow {
            id,
            name: &token.name,
            scopes,
            workspace: token.workspace_id.map(|id| {
                let known = workspaces.iter().find(|workspace| workspace.id == id);
                known.map_or("A workspace that you left", |workspace| workspace.name.as_str())
            }),
            expires: token.expires_at_ms.map(TimeView::at_ms),
            is_expired: token.expires_at_ms.is_some_and(|end| end <= now_ms),
            last_used: token.used_at_ms.map(TimeView::at_ms),
        })
        .collect();
    let page = TokensPage { frame: around.frame(), tokens: &rows, next: next.as_deref() };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `GET /account/tokens/new`.
pub(super) async fn show_new_token(
    State(state): State<WebState>,
    visit: Visit,
) -> Result<Response, Response> {
    let form = FormState::filled([("expires_in_days", "90")]);
    new_token_page(&state, &visit, StatusCode::OK, &form).await
}

/// `POST /account/tokens/new`. The only reply that ever has the token's secret.
pub(super) async fn create_token(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<TokenForm>,
) -> Result<Response, Response> {
    let around = Around::of(&state, &visit).await?;
    let wrong = |form| new_token_page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, form);
    let wanted = match wanted(&form) {
        Ok(wanted) => wanted,
        Err(problem) => return wrong(&problem).await,
    };
    match tokens::create_token(&state.0.app, &visit.caller, wanted).await {
        Ok(made) => {
            let token = made.secret.expose_token();
            let page =
                TokenCreatedPage { frame: around.frame(), name: &made.token.name, token: &token };
            Ok(reply::page(StatusCode::OK, &page))
        }
        Err(failure) => match reply::problems(&failure, entered(&form)) {
            Some(problems) => wrong(&problems).await,
            None => Err(visit.failed(&failure)),
        },
    }
}

/// `GET /account/tokens/{id}/revoke`.
pub(super) async fn confirm_revoke_token(
    State(state): State<WebState>,
    Path(id): Path<String>,
    visit: Visit,
) -> Result<Response, Response> {
    let around = Around::of(&state, &visit).await?;
    let Ok(token_id) = id.parse() else { return Err(reply::error(ErrorKind::NotFound)) };
    let token = tokens::get_token(&state.0.app, &visit.caller, None, token_id)
        .await
        .map_err(|failure| visit.failed(&failure))?;
    let page = ConfirmActPage {
        frame: around.frame(),
        form: &FormState::default(),
        act: Act::RevokeToken(Named { id: &id, name: &token.name }),
    };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `POST /account/tokens/{id}/revoke`.
pub(super) async fn revoke_token(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Response {
    let Ok(id) = id.parse() else { return reply::error(ErrorKind::NotFound) };
    match tokens::revoke_token(&state.0.app, &visit.caller, None, id).await {
        Ok(()) => reply::see_other(&Done::TokenRevoked.at(PATH)),
        Err(failure) => visit.failed(&failure),
    }
}

async fn new_token_page(
    state: &WebState,
    visit: &Visit,
    status: StatusCode,
    form: &FormState,
) -> Result<Response, Response> {
    let around = Around::of(state, visit).await?;
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let scopes: Vec<Scope> = tokens::usable_scopes(caller).map_err(failed)?.iter().collect();
    let workspaces = workspaces_for(app, caller, Action::SeeWorkspace).await.map_err(failed)?;
    let ids: Vec<String> = workspaces.iter().map(|workspace| workspace.id.to_string()).collect();
    let workspaces: Vec<Named<'_>> = workspaces
        .iter()
        .zip(&ids)
        .map(|(workspace, id)| Named { id, name: workspace.name.as_str() })
        .collect();
    let page =
        NewTokenPage { frame: around.frame(), form, scopes: &scopes, workspaces: &workspaces };
    Ok(reply::page(status, &page))
}

/// What a form asks for; what is no id or number at all is shown with the form again.
fn wanted(form: &TokenForm) -> Result<TokenIn, FormState> {
    let wrong = |field, message| entered(form).with_problem(field, message);
    let workspace_id = match form.workspace_id.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| wrong("workspace_id", "There is no such workspace."))?),
    };
    let expires_in_days = match form.expires_in_days.as_str() {
        "" => None,
        days => Some(days.parse().map_err(|_| {
            wrong("expires_in_days", "The time must be a number of days, or nothing.")
        })?),
    };
    let (name, scopes) = (form.name.clone(), form.scopes.clone());
    Ok(TokenIn { name, scopes, workspace_id, expires_in_days })
}

fn entered(form: &TokenForm) -> FormState {
    let single = [
        ("name", &form.name),
        ("workspace_id", &form.workspace_id),
        ("expires_in_days", &form.expires_in_days),
    ];
    let scopes = form.scopes.iter().map(|scope| ("scopes", scope));
    FormState::filled(single.into_iter().chain(scopes).map(|(name, value)| (name, value.as_str())))
}
