//! `/admin/forms/{id}/embed`: how a form gets onto a site.

use axum::extract::{Path, State};
use formhold_domain::access::Action;
use http::StatusCode;

use super::{FormAround, embed_code};
use crate::{
    WebState,
    admin::Shown,
    pages::admin::{CodeSample, EmbedPage, FormTab},
    visit::{Around, Visit, reply},
};

/// `GET /admin/forms/{id}/embed`.
pub(in crate::admin) async fn show_embed(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let about = FormAround::of(&state, &visit, Action::SeeForms, &id).await?;
    let (form, path) = (&about.form.definition, format!("/f/{}", about.form.identity.key));
    let url = visit.own_url(&path).map_or_else(|| path.clone(), |url| url.to_string());
    let (html, fetch, react) = (
        embed_code::html(form, &url),
        embed_code::fetch(form, &url),
        embed_code::react(form, &url),
    );
    let sample = |id, title, text, code| CodeSample { id, title, text, code };
    let page = EmbedPage {
        frame: around.frame(),
        about: about.frame(FormTab::Embed),
        page_path: &path,
        url: &url,
        samples: &[
            sample(
                "html",
                "HTML",
                "Works anywhere, also where scripts are turned off. People come back to a page of thanks, or where you send them.",
                &html,
            ),
            sample(
                "fetch",
                "HTML with a script",
                "People stay on your page and read the answer there.",
                &fetch,
            ),
            sample("react", "React", "The same as a component.", &react),
        ],
        only_from: &form.allowed_origins,
    };
    Ok(reply::page(StatusCode::OK, &page))
}
