//! `/admin/forms/{id}/delivery/new`: a channel is made.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::access::Action;
use formhold_service::channels::{self, About, ChannelIn};
use http::StatusCode;
use serde::Deserialize;

use super::{
    channel::show_secret,
    fields::{Pairs, config, entered, problems, value},
    path,
};
use crate::{
    WebState,
    admin::{Shown, forms::FormAround, status_of},
    pages::{
        ErrorKind, FormState,
        admin::{FormTab, NewChannelPage},
    },
    visit::{Around, Asked, Done, Sent, Visit, reply},
};

#[derive(Default, Deserialize)]
pub(super) struct NewQuery {
    #[serde(default)]
    kind: String,
}

/// `GET /admin/forms/{id}/delivery/new`.
pub(super) async fn show_new_channel(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Asked(query): Asked<NewQuery>,
) -> Shown {
    let about = FormAround::of(&state, &visit, Action::ChangeForms, &id).await?;
    let kind = kind_named(&query.kind)?;
    let form = FormState::filled([("name", kind.title)]);
    page(&state, &visit, &about, (kind, &form), StatusCode::OK).await
}

/// `POST /admin/forms/{id}/delivery/new`.
pub(super) async fn create_channel(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: pairs }: Sent<Pairs>,
) -> Shown {
    let about = FormAround::of(&state, &visit, Action::ChangeForms, &id).await?;
    let kind = kind_named(value(&pairs, "kind"))?;
    let new = ChannelIn {
        name: Some(value(&pairs, "name").to_owned()),
        config: Some(config(kind, &pairs)),
        is_on: Some(true),
    };
    let (app, form_id) = (&state.0.app, about.form.identity.id);
    match channels::create_channel(app, &visit.caller, form_id, kind.name, new).await {
        Ok(made) if made.new_secret.is_some() => show_secret(&state, &visit, &made, false).await,
        Ok(made) => Ok(reply::see_other(&Done::ChannelCreated.at(&path(made.id)))),
        Err(failure) => {
            let form = problems(kind, &failure, entered(kind, &pairs));
            let form = form.ok_or_else(|| visit.failed(&failure))?;
            page(&state, &visit, &about, (kind, &form), status_of(&failure)).await
        }
    }
}

async fn page(
    state: &WebState,
    visit: &Visit,
    about: &FormAround,
    (kind, form): (&'static About, &FormState),
    status: StatusCode,
) -> Shown {
    let around = Around::of(state, visit).await?;
    let about = about.frame(FormTab::Delivery);
    Ok(reply::page(status, &NewChannelPage { frame: around.frame(), about, kind, form }))
}

fn kind_named(name: &str) -> Result<&'static About, Response> {
    let mut kinds = channels::kinds().iter().map(|kind| kind.about());
    kinds.find(|kind| kind.name == name).ok_or_else(|| reply::error(ErrorKind::NotFound))
}
