//! `/admin/forms/{id}/protection`: limits, captcha, spam, files.

use axum::extract::{Path, State};
use formhold_domain::{
    AskCaptcha, CaptchaRules, FileRules, FormDefinition, Limit, Protection, ScanFiles, WhenDown,
    WithoutAnswer,
    access::Action,
    spam::{DisposableMail, SpamRules, Threshold},
};
use http::StatusCode;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    FormAround,
    entered::{Again, Entered},
    option_lines::write_lines,
};
use crate::{
    WebState,
    admin::Shown,
    pages::{
        FormState,
        admin::{FormTab, ProtectionPage},
    },
    visit::{Around, Sent, Visit, reply},
};

const CAPTCHAS: &[(&str, &str)] = &[
    ("altcha", "Built in (ALTCHA)"),
    ("hcaptcha", "hCaptcha"),
    ("recaptcha_v2", "reCAPTCHA, version 2"),
    ("recaptcha_v3", "reCAPTCHA, version 3"),
    ("turnstile", "Turnstile"),
];

/// `GET /admin/forms/{id}/protection`.
pub(in crate::admin) async fn show_protection(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let about = FormAround::of(&state, &visit, Action::SeeForms, &id).await?;
    let form = filled(&about.form.definition.protection);
    let version = about.form.identity.version;
    page(&state, &visit, &about, Again { status: StatusCode::OK, version, form }).await
}

/// `POST /admin/forms/{id}/protection`.
pub(in crate::admin) async fn change_protection(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: pairs }: Sent<Vec<(String, String)>>,
) -> Shown {
    let about = FormAround::of(&state, &visit, Action::ChangeForms, &id).await?;
    let mut entered = Entered::new(pairs);
    let protection = read(&mut entered);
    let edit = |form: FormDefinition| FormDefinition { protection, ..form };
    let again = entered.save(&state, &visit, &about, "protection", edit).await?;
    page(&state, &visit, &about, again).await
}

fn read(entered: &mut Entered) -> Protection {
    let usual = SpamRules::default();
    let limit = "a limit, as 5/min, 100/hour or off";
    let mut quota = |name| entered.read(name, limit, |text| Limit::try_from(text.to_owned()).ok());
    let (limit, total_limit) = (quota("limit"), quota("total_limit"));
    let mut points = |name| {
        entered.read(name, "a number of points, or never", |text| match text {
            "never" => Some(Threshold::Never),
            text => text.parse().ok().map(Threshold::From),
        })
    };
    let (spam_from, refuse_from) = (points("spam_from"), points("refuse_from"));
    let mut number = |name| entered.parsed(name, "a whole number, as 3");
    let spam = SpamRules {
        spam_from: spam_from.unwrap_or(usual.spam_from),
        refuse_from: refuse_from.unwrap_or(usual.refuse_from),
        max_links: number("max_links").unwrap_or(usual.max_links),
        min_seconds_to_fill: number("min_seconds_to_fill").unwrap_or(usual.min_seconds_to_fill),
        max_hours_to_fill: number("max_hours_to_fill").unwrap_or(usual.max_hours_to_fill),
        max_copies: number("max_copies").unwrap_or(usual.max_copies),
        copies_window_minutes: number("copies_window_minutes")
            .unwrap_or(usual.copies_window_minutes),
        banned_words: entered.lines("banned_words"),
        banned_addresses: entered.lines("banned_addresses"),
        banned_networks: entered.lines("banned_networks"),
        disposable_mail: named::<DisposableMail>(entered.text("disposable_mail")),
        learns: entered.is_ticked("learns"),
    };
    let captcha = CaptchaRules {
        when: named::<AskCaptcha>(entered.text("when")),
        provider: entered.maybe("provider").unwrap_or_else(|| "altcha".to_owned()),
        when_down: named::<WhenDown>(entered.text("when_down")),
        without_answer: named::<WithoutAnswer>(entered.text("without_answer")),
    };
    let files = FileRules {
        scan: named::<ScanFiles>(entered.text("scan")),
        remove_location: entered.is_ticked("remove_location"),
    };
    Protection { limit, total_limit, captcha, spam, files }
}

fn filled(protection: &Protection) -> FormState {
    let Protection { limit, total_limit, captcha, spam, files } = protection;
    let quota = |limit: &Option<Limit>| limit.map(String::from).unwrap_or_default();
    let points = |threshold: Threshold| match threshold {
        Threshold::From(points) => points.to_string(),
        Threshold::Never => "never".to_owned(),
    };
    let tick = |ticked: bool| if ticked { "on".to_owned() } else { String::new() };
    FormState::filled([
        ("limit", quota(limit)),
        ("total_limit", quota(total_limit)),
        ("when", name(&captcha.when)),
        ("provider", captcha.provider.clone()),
        ("when_down", name(&captcha.when_down)),
        ("without_answer", name(&captcha.without_answer)),
        ("spam_from", points(spam.spam_from)),
        ("refuse_from", points(spam.refuse_from)),
        ("max_links", spam.max_links.to_string()),
        ("banned_words", write_lines(&spam.banned_words)),
        ("banned_addresses", write_lines(&spam.banned_addresses)),
        ("banned_networks", write_lines(&spam.banned_networks)),
        ("disposable_mail", name(&spam.disposable_mail)),
        ("min_seconds_to_fill", spam.min_seconds_to_fill.to_string()),
        ("max_hours_to_fill", spam.max_hours_to_fill.to_string()),
        ("max_copies", spam.max_copies.to_string()),
        ("copies_window_minutes", spam.copies_window_minutes.to_string()),
        ("learns", tick(spam.learns)),
        ("scan", name(&files.scan)),
        ("remove_location", tick(files.remove_location)),
    ])
}

/// The name that definitions have for a choice.
fn name(choice: &impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}

/// The choice of this name; the usual one where there is none.
fn named<T: DeserializeOwned + Default>(name: &str) -> T {
    serde_json::from_value(Value::from(name)).unwrap_or_default()
}

async fn page(state: &WebState, visit: &Visit, about: &FormAround, again: Again) -> Shown {
    let around = Around::of(state, visit).await?;
    let page = ProtectionPage {
        frame: around.frame(),
        about: about.frame(FormTab::Protection),
        version: again.version,
        form: &again.form,
        captchas: CAPTCHAS,
        may_change: about.may_change(visit),
    };
    Ok(reply::page(again.status, &page))
}
