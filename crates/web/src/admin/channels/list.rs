//! `/admin/forms/{id}/delivery`: the channels of a form, and how they do.

use axum::extract::{Path, State};
use formhold_domain::access::Action;
use formhold_service::{
    ServiceError, channels,
    jobs::deliveries::{MOST_COUNTED, channels_health},
};
use http::StatusCode;

use super::fields::goes_to;
use crate::{
    WebState,
    admin::{Shown, forms::FormAround},
    pages::{
        TimeView,
        admin::{ChannelRow, ChannelsPage, FormTab},
    },
    visit::{Around, Visit, reply},
};

/// `GET /admin/forms/{id}/delivery`.
pub(super) async fn show_channels(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let about = FormAround::of(&state, &visit, Action::ChangeForms, &id).await?;
    let (app, caller) = (&state.0.app, &visit.caller);
    let failed = |failure: ServiceError| visit.failed(&failure);
    let form_id = about.form.identity.id;
    let found = channels::list_channels(app, caller, form_id).await.map_err(failed)?;
    let health = channels_health(app, caller, form_id).await.map_err(failed)?;
    let kinds: Vec<_> = channels::kinds().iter().map(|kind| kind.about()).collect();
    let found: Vec<_> = found.iter().map(|channel| (channel.id.to_string(), channel)).collect();
    let rows: Vec<_> = found
        .iter()
        .map(|(id, channel)| {
            let kind = kinds.iter().find(|kind| kind.name == channel.kind);
            let health = health.get(&channel.id).copied().unwrap_or_default();
            ChannelRow {
                id,
                name: &channel.name,
                kind: kind.map_or(channel.kind.as_str(), |kind| kind.title),
                goes_to: kind.and_then(|kind| goes_to(kind, channel)),
                is_on: channel.is_on,
                off_reason: channel.off_reason.as_deref(),
                failing_since: channel.failing_since_ms.map(TimeView::at_ms),
                last_delivered: health.last_done_at_ms.map(TimeView::at_ms),
                waiting: health.waiting,
                failed: health.failed,
                most_counted: MOST_COUNTED,
            }
        })
        .collect();
    let page = ChannelsPage {
        frame: around.frame(),
        about: about.frame(FormTab::Delivery),
        channels: &rows,
        kinds: &kinds,
    };
    Ok(reply::page(StatusCode::OK, &page))
}
