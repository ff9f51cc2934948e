//! `/admin/channels/{id}`: a channel is seen, changed, tried out, switched and deleted.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::access::Action;
use formhold_service::{
    ServiceError,
    channels::{self, About, ChannelIn, ChannelView},
    deliveries::{Tried, try_channel},
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    fields::{Pairs, config, entered, problems, secrets, stored, value},
    parse, path,
};
use crate::{
    WebState,
    admin::{Shown, forms::FormAround, status_of},
    pages::{
        Act, ConfirmActPage, ErrorKind, FormState, Named, TimeView,
        admin::{ChannelPage, FormTab, SigningSecretPage, TriedView},
    },
    visit::{Around, Button, Done, Sent, Visit, reply},
};

/// `GET /admin/channels/{id}`.
pub(super) async fn show_channel(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let channel = find(&state, &visit, &id).await?;
    page(&state, &visit, &channel, View::default()).await
}

/// `POST /admin/channels/{id}`.
pub(super) async fn change_channel(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: pairs }: Sent<Pairs>,
) -> Shown {
    let channel = find(&state, &visit, &id).await?;
    let kind = kind_of(&channel)?;
    // A form of ours always says which version it was made for.
    let version = value(&pairs, "version").parse();
    let version = version.map_err(|_| reply::error(ErrorKind::FormExpired))?;
    let patch = ChannelIn {
        name: Some(value(&pairs, "name").to_owned()),
        config: Some(config(kind, &pairs)),
        is_on: Some(value(&pairs, "is_on") == "on"),
    };
    let (app, caller) = (&state.0.app, &visit.caller);
    match channels::change_channel(app, caller, channel.id, Some(version), patch).await {
        // Another address got another secret; the old one does not sign for it.
        Ok(changed) if changed.new_secret.is_some() => {
            show_secret(&state, &visit, &changed, false).await
        }
        Ok(_) => Ok(reply::see_other(&Done::ChannelSaved.at(&path(channel.id)))),
        Err(failure) => {
            let form = match failure {
                // What somebody else saved is shown, not what was entered over it.
                ServiceError::Stale(_) => stored(kind, &channel),
                _ => entered(kind, &pairs),
            };
            let form = problems(kind, &failure, form).ok_or_else(|| visit.failed(&failure))?;
            let view = View { form: Some(form), status: status_of(&failure), tried: None };
            page(&state, &visit, &channel, view).await
        }
    }
}

#[derive(Deserialize)]
pub(super) struct SwitchForm {
    #[serde(default)]
    is_on: String,
}

/// `POST /admin/channels/{id}/switch`.
pub(super) async fn switch_channel(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<SwitchForm>,
) -> Shown {
    let is_on = form.is_on == "on";
    let patch = ChannelIn { is_on: Some(is_on), ..ChannelIn::default() };
    let app = &state.0.app;
    let changed = channels::change_channel(app, &visit.caller, parse(&id)?, None, patch).await;
    let changed = changed.map_err(|failure| visit.failed(&failure))?;
    let done = if is_on { Done::ChannelOn } else { Done::ChannelOff };
    Ok(reply::see_other(&done.at(&format!("/admin/forms/{}/delivery", changed.form_id))))
}

/// `POST /admin/channels/{id}/test`.
pub(super) async fn test_channel(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let tried = try_channel(&state.0.app, &visit.caller, parse(&id)?).await;
    let tried = tried.map_err(|failure| visit.failed(&failure))?;
    let channel = find(&state, &visit, &id).await?;
    page(&state, &visit, &channel, View { tried: Some(tried), ..View::default() }).await
}

/// `POST /admin/channels/{id}/secret`. The only reply that has it.
pub(super) async fn create_secret(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let made = channels::new_secret(&state.0.app, &visit.caller, parse(&id)?, None).await;
    let made = made.map_err(|failure| visit.failed(&failure))?;
    show_secret(&state, &visit, &made, true).await
}

/// `GET /admin/channels/{id}/delete`.
pub(super) async fn ask_delete_channel(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let channel = find(&state, &visit, &id).await?;
    let act = Act::DeleteChannel(Named { id: &id, name: &channel.name });
    let form = &FormState::default();
    Ok(reply::page(StatusCode::OK, &ConfirmActPage { frame: around.frame(), form, act }))
}

/// `POST /admin/channels/{id}/delete`.
pub(super) async fn delete_channel(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: Button {} }: Sent<Button>,
) -> Shown {
    let channel = find(&state, &visit, &id).await?;
    let gone = channels::delete_channel(&state.0.app, &visit.caller, channel.id, None).await;
    gone.map_err(|failure| visit.failed(&failure))?;
    let list = format!("/admin/forms/{}/delivery", channel.form_id);
    Ok(reply::see_other(&Done::ChannelDeleted.at(&list)))
}

/// Shows a secret that was just made, this once.
pub(super) async fn show_secret(
    state: &WebState,
    visit: &Visit,
    channel: &ChannelView,
    replaces: bool,
) -> Shown {
    let around = Around::of(state, visit).await?;
    let form_id = channel.form_id.to_string();
    let about = FormAround::of(state, visit, Action::ChangeForms, &form_id).await?;
    let page = SigningSecretPage {
        frame: around.frame(),
        about: about.frame(FormTab::Delivery),
        id: &channel.id.to_string(),
        name: &channel.name,
        secret: channel.new_secret.as_ref().map_or("", |secret| secret.expose()),
        replaces,
    };
    Ok(reply::page(StatusCode::OK, &page))
}

/// How the page is shown: at first, or again because of what was sent.
struct View {
    form: Option<FormState>,
    status: StatusCode,
    tried: Option<Tried>,
}

impl Default for View {
    fn default() -> Self {
        Self { form: None, status: StatusCode::OK, tried: None }
    }
}

async fn page(state: &WebState, visit: &Visit, channel: &ChannelView, view: View) -> Shown {
    let around = Around::of(state, visit).await?;
    let form_id = channel.form_id.to_string();
    let about = FormAround::of(state, visit, Action::ChangeForms, &form_id).await?;
    let kind = kind_of(channel)?;
    let tried = view.tried.as_ref().map(|tried| match tried {
        Tried::Delivered { status, answer } => {
            TriedView { has_arrived: true, status: *status, said: answer }
        }
        Tried::Later { status, reason, .. } | Tried::Never { status, reason } => {
            TriedView { has_arrived: false, status: *status, said: reason }
        }
    });
    let page = ChannelPage {
        frame: around.frame(),
        about: about.frame(FormTab::Delivery),
        kind,
        id: &channel.id.to_string(),
        name: &channel.name,
        version: channel.version,
        form: &view.form.unwrap_or_else(|| stored(kind, channel)),
        stored: &secrets(kind, channel),
        is_on: channel.is_on,
        off_reason: channel.off_reason.as_deref(),
        failing_since: channel.failing_since_ms.map(TimeView::at_ms),
        tried,
    };
    Ok(reply::page(view.status, &page))
}

async fn find(state: &WebState, visit: &Visit, id: &str) -> Result<ChannelView, Response> {
    let found = channels::get_channel(&state.0.app, &visit.caller, parse(id)?).await;
    found.map_err(|failure| visit.failed(&failure))
}

fn kind_of(channel: &ChannelView) -> Result<&'static About, Response> {
    let mut kinds = channels::kinds().iter().map(|kind| kind.about());
    kinds.find(|kind| kind.name == channel.kind).ok_or_else(|| reply::error(ErrorKind::Internal))
}
