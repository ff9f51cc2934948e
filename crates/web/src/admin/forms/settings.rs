//! `/admin/forms/{id}/settings`: name, times, sites, limits.

use axum::extract::{Path, State};
use formhold_domain::{
    FormDefinition, FormLimits, FormState as Taking, Language, Retention, Slug, Undeclared,
    access::Action, parse_rfc3339, rfc3339,
};
use http::StatusCode;

use super::{
    FormAround, bytes,
    entered::{Again, Entered},
    option_lines::write_lines,
};
use crate::{
    WebState,
    admin::Shown,
    pages::{
        FormState,
        admin::{FormTab, SettingsPage},
    },
    visit::{Around, Sent, Visit, reply},
};

/// `GET /admin/forms/{id}/settings`.
pub(in crate::admin) async fn show_settings(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let about = FormAround::of(&state, &visit, Action::SeeForms, &id).await?;
    let (form, version) = (filled(&about.form.definition), about.form.identity.version);
    page(&state, &visit, &about, Again { status: StatusCode::OK, version, form }).await
}

/// `POST /admin/forms/{id}/settings`.
pub(in crate::admin) async fn change_settings(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: pairs }: Sent<Vec<(String, String)>>,
) -> Shown {
    let about = FormAround::of(&state, &visit, Action::ChangeForms, &id).await?;
    let mut entered = Entered::new(pairs);
    let now = &about.form.definition;
    let slug = "1 to 64 lower-case letters, digits and single hyphens, as in contact-us";
    let slug = entered.read("slug", slug, |text| Slug::parse(text).ok());
    let slug = slug.unwrap_or_else(|| now.slug.clone());
    let opens_at = time(&mut entered, "opens_at", now.opens_at.as_deref());
    let closes_at = time(&mut entered, "closes_at", now.closes_at.as_deref());
    let number = "a whole number, as 100";
    let size = "a size, as 5 MiB or 500 KiB";
    let limits = FormLimits {
        max_fields: entered.parsed("max_fields", number),
        max_text_bytes: entered.read("max_text_bytes", size, bytes::read),
        max_files: entered.parsed("max_files", number),
        max_file_bytes: entered.read("max_file_bytes", size, bytes::read),
    };
    let days = "a whole number of days, or 0";
    let retention = Retention {
        submissions_days: entered.parsed("submissions_days", days),
        spam_days: entered.parsed("spam_days", days),
        trash_days: entered.parsed("trash_days", days),
    };
    let max_submissions = entered.parsed("max_submissions", number);
    let taking = match entered.text("state") {
        "closed" => Taking::Closed,
        _ => Taking::Open,
    };
    let undeclared = match entered.text("undeclared") {
        "drop" => Undeclared::Drop,
        "refuse" => Undeclared::Refuse,
        _ => Undeclared::KeepApart,
    };
    let language = Language::parse(entered.text("language")).unwrap_or(now.language);
    let (name, honeypot) = (entered.text("name").to_owned(), entered.maybe("honeypot"));
    let lists = ["allowed_origins", "redirect_hosts", "allowed_copies"].map(|it| entered.lines(it));
    let [allowed_origins, redirect_hosts, allowed_copies] = lists;
    let edit = |form: FormDefinition| FormDefinition {
        name,
        slug,
        language,
        state: taking,
        opens_at,
        closes_at,
        max_submissions,
        allowed_origins,
        redirect_hosts,
        allowed_copies,
        undeclared,
        honeypot,
        limits,
        retention,
        ..form
    };
    let again = entered.save(&state, &visit, &about, "settings", edit).await?;
    page(&state, &visit, &about, again).await
}

fn filled(form: &FormDefinition) -> FormState {
    let number = |number: Option<usize>| number.map(|it| it.to_string()).unwrap_or_default();
    let size = |size: Option<u64>| size.map(bytes::write).unwrap_or_default();
    let days = |days: Option<u32>| days.map(|it| it.to_string()).unwrap_or_default();
    FormState::filled([
        ("name", form.name.clone()),
        ("slug", form.slug.to_string()),
        ("language", form.language.tag().to_owned()),
        ("state", if form.state == Taking::Open { "open" } else { "closed" }.to_owned()),
        ("opens_at", form.opens_at.as_deref().and_then(shown).unwrap_or_default()),
        ("closes_at", form.closes_at.as_deref().and_then(shown).unwrap_or_default()),
        ("max_submissions", form.max_submissions.map(|it| it.to_string()).unwrap_or_default()),
        ("allowed_origins", write_lines(&form.allowed_origins)),
        ("redirect_hosts", write_lines(&form.redirect_hosts)),
        ("allowed_copies", write_lines(&form.allowed_copies)),
        (
            "undeclared",
            match form.undeclared {
                Undeclared::KeepApart => "keep_apart",
                Undeclared::Drop => "drop",
                Undeclared::Refuse => "refuse",
            }
            .to_owned(),
        ),
        ("honeypot", form.honeypot.clone().unwrap_or_default()),
        ("max_fields", number(form.limits.max_fields)),
        ("max_text_bytes", size(form.limits.max_text_bytes)),
        ("max_files", number(form.limits.max_files)),
        ("max_file_bytes", size(form.limits.max_file_bytes)),
        ("submissions_days", days(form.retention.submissions_days)),
        ("spam_days", days(form.retention.spam_days)),
        ("trash_days", days(form.retention.trash_days)),
    ])
}

/// What an input for a time in UTC shows, to the minute.
fn shown(time: &str) -> Option<String> {
    let text = rfc3339(parse_rfc3339(time)?);
    text.get(..16).map(str::to_owned)
}

/// A time that was typed. One that nobody touched stays as it is written in the definition, with its
/// seconds and its distance from UTC.
fn time(entered: &mut Entered, name: &'static str, now: Option<&str>) -> Option<String> {
    let what = "a date and a time, as 2026-12-31 17:00";
    let typed = entered.read(name, what, |text| {
        let seconds = if text.len() == 16 { ":00Z" } else { "Z" };
        let whole = format!("{text}{seconds}");
        parse_rfc3339(&whole).map(|_| whole)
    })?;
    let untouched = now.filter(|now| shown(now).as_deref() == typed.get(..16));
    Some(untouched.map_or(typed, str::to_owned))
}

async fn page(state: &WebState, visit: &Visit, about: &FormAround, again: Again) -> Shown {
    let around = Around::of(state, visit).await?;
    let page = SettingsPage {
        frame: around.frame(),
        about: about.frame(FormTab::Settings),
        version: again.version,
        form: &again.form,
        may_change: about.may_change(visit),
    };
    Ok(reply::page(again.status, &page))
}
