//! The pages of forms.

use formhold_web::pages::{
    Act, ConfirmActPage, FormState, Named,
    admin::{
        CodeSample, DefinitionPage, DifferenceView, EmbedPage, FieldCard, FieldsPage, FormFrame,
        FormRow, FormTab, FormsPage, NewFormPage, ProtectionPage, SettingsPage, ShownState,
        SuccessPage, VersionRow, VersionsPage,
    },
};

use super::{Kind, Pages, minutes_ago};

const ID: &str = "018f0000-0000-7000-8000-0000000000cc";
const KINDS: &[(&str, &str)] =
    &[("text", "Short text"), ("select", "Choice from a list"), ("file", "File")];

pub(super) fn add(pages: &mut Pages) {
    list(pages);
    fields(pages);
    sections(pages);
    code(pages);
    versions(pages);
}

fn about(pages: &Pages, tab: FormTab) -> FormFrame<'static> {
    FormFrame { id: ID, name: pages.text("Contact"), state: ShownState::Open, tab }
}

fn list(pages: &mut Pages) {
    let row = |name, state, until| FormRow {
        id: ID,
        name,
        slug: "contact-us",
        state,
        accepted: 12_345,
        changed: minutes_ago(90),
        until,
    };
    let forms = pages.list(vec![
        row(pages.text("Contact"), ShownState::Open, None),
        row("Workshop", ShownState::NotOpenYet, None),
        row("Feedback", ShownState::Closed, None),
    ]);
    let none = FormState::default();
    let page = |pages: &Pages, filter, forms, is_trash, next| FormsPage {
        frame: pages.frame(),
        filter,
        forms,
        may_create: true,
        is_trash,
        next,
    };
    let next = pages.maybe("/admin/forms?after=feedback");
    pages.add("forms", &page(pages, &none, &forms, false, next));
    let filter = FormState::filled([("q", pages.text("nothing")), ("state", "closed")]);
    pages.add("forms-none-match", &page(pages, &filter, &[], false, None));
    let trashed = pages.list(vec![row(
        pages.text("Contact"),
        ShownState::Trashed,
        Some(minutes_ago(-40_000)),
    )]);
    pages.add("forms-trash", &page(pages, &none, &trashed, true, None));

    let starts = [
        ("contact", "Contact", "Name, e-mail address and a message."),
        ("nothing", "Nothing", "An empty form."),
    ];
    let form = FormState::filled([("start", "contact")]);
    let new = |pages: &Pages, form, code| NewFormPage {
        frame: pages.frame(),
        form,
        code,
        starts: &starts,
    };
    pages.add("form-new", &new(pages, &form, &none));
    let wrong = pages
        .filled(&[("name", "Contact"), ("slug", "Contact us"), ("start", "contact")])
        .with_problem(
            "slug",
            "This must be 1 to 64 lower-case letters, digits and single hyphens.",
        );
    pages.add("form-new-wrong", &new(pages, &wrong, &none));
    let form = &none;
    let act = Act::TrashForm(Named { id: ID, name: pages.text("Contact") });
    pages.add("form-delete", &ConfirmActPage { frame: pages.frame(), form, act });
}

fn fields(pages: &mut Pages) {
    let all = [
        "min_length",
        "max_length",
        "pattern",
        "options",
        "accept",
        "equal_to",
        "placeholder",
        "default",
        "shown_if",
        "min",
        "max",
        "step",
        "min_choices",
    ];
    let hostile = pages.text("E-mail");
    let card = |at: usize, form, is_open, takes: Vec<&'static str>| FieldCard {
        at,
        scope: format!("f{at}-"),
        form,
        title: hostile,
        kind_label: "Short text",
        takes,
        others: vec![("", "–"), ("topic", hostile)],
        is_open,
        focus: None,
        is_last: at == 2,
    };
    let filled = || {
        pages.filled(&[
            ("name", "email"),
            ("label", "E-mail"),
            ("options", "Red\nBlue"),
            ("required", "on"),
            ("pattern", ".*"),
        ])
    };
    let wrong = filled().with_problem("pattern", "`pattern` does not compile.");
    let cards = pages.list(vec![
        card(0, filled(), false, vec!["placeholder"]),
        card(1, wrong, true, all.to_vec()),
        card(2, filled(), false, vec!["options"]),
    ]);
    let document = format!(
        "<!DOCTYPE html><html lang=\"en\"><title>A</title><main><h1>{}</h1></main></html>",
        hostile.replace('<', "&lt;")
    );
    let problems = match pages.kind {
        Kind::Empty => FormState::default(),
        _ => FormState::default().with_problem("f1-pattern", "`pattern` does not compile."),
    };
    let page = FieldsPage {
        frame: pages.frame(),
        about: about(pages, FormTab::Fields),
        version: 3,
        problems: &problems,
        cards: &cards,
        removed: "[]",
        undo: pages.maybe(hostile),
        kinds: KINDS,
        preview: pages.maybe(document.as_str()),
        preview_is_partial: true,
        is_unsaved: true,
        may_change: true,
    };
    pages.add("form-fields", &page);
}

fn sections(pages: &mut Pages) {
    let values = [
        ("name", "Contact"),
        ("slug", "contact"),
        ("limit", "5/min"),
        ("banned_words", "casino*\nlottery"),
        ("success_message", "Thank you!"),
        ("success_url", "https://example.org"),
        ("honeypot", "website"),
    ];
    let usual = pages.filled(&values);
    let wrong = pages
        .filled(&values)
        .with_error("Somebody changed this form meanwhile.")
        .with_problem("limit", "This must be a limit, as 5/min.")
        .with_problem("slug", "This must be letters.")
        .with_problem("success_url", "This is no address.");
    for (form, names) in [
        (&usual, ["form-protection", "form-success", "form-settings"]),
        (&wrong, ["form-protection-wrong", "form-success-wrong", "form-settings-wrong"]),
    ] {
        // Each page has one of the fields with a problem.
        let only = |name: &str| match form.is_wrong() {
            false => form.clone(),
            true => pages
                .filled(&values)
                .with_error("Somebody changed this form meanwhile.")
                .with_problem(name, "This makes no sense."),
        };
        let (protection, success, settings) = (only("limit"), only("success_url"), only("slug"));
        let frame = pages.frame();
        let about_it = about(pages, FormTab::Protection);
        let captchas = &[("altcha", "Built in (ALTCHA)")];
        let page = ProtectionPage {
            frame,
            about: about_it,
            version: 3,
            form: &protection,
            captchas,
            may_change: true,
        };
        pages.add(names[0], &page);
        let (frame, about_it) = (pages.frame(), about(pages, FormTab::Success));
        let page = SuccessPage {
            frame,
            about: about_it,
            version: 3,
            form: &success,
            thanks_path: "/f/abcdefgh23/thanks",
            may_change: true,
        };
        pages.add(names[1], &page);
        let (frame, about_it) = (pages.frame(), about(pages, FormTab::Settings));
        let page =
            SettingsPage { frame, about: about_it, version: 3, form: &settings, may_change: true };
        pages.add(names[2], &page);
    }
}

fn code(pages: &mut Pages) {
    let code = pages.text("<form action=\"https://forms.example.org/f/abcdefgh23\" method=\"post\">\n  <button>Send</button>\n</form>");
    let sample = |id, title| CodeSample { id, title, text: "Works anywhere.", code };
    let page = EmbedPage {
        frame: pages.frame(),
        about: about(pages, FormTab::Embed),
        page_path: "/f/abcdefgh23",
        url: "https://forms.example.org/f/abcdefgh23",
        samples: &[sample("html", "HTML"), sample("react", "React")],
        only_from: &pages.list(vec![
            "https://example.org".to_owned(),
            pages.text("https://example.com").to_owned(),
        ]),
    };
    pages.add("form-embed", &page);
    let changes = pages.list(differences(pages));
    let form = pages.filled(&[("definition", "name = \"Contact\"\nslug = \"contact\"\n")]);
    let wrong = form.clone().with_problem("definition", "Line 3: unknown field `nonsense`.");
    for (name, form, changes) in
        [("form-definition", &form, Some(&*changes)), ("form-definition-wrong", &wrong, None)]
    {
        let (frame, about) = (pages.frame(), about(pages, FormTab::Versions));
        pages.add(
            name,
            &DefinitionPage { frame, about, version: 3, form, changes, may_change: true },
        );
    }
}

fn differences(pages: &Pages) -> Vec<DifferenceView> {
    let text = |text| Some(pages.text(text).to_owned());
    vec![
        DifferenceView {
            place: "name".to_owned(),
            before: text("Contact"),
            after: text("Write to us"),
        },
        DifferenceView {
            place: pages.text("fields.email").to_owned(),
            before: None,
            after: text("{\"type\":\"email\"}"),
        },
    ]
}

fn versions(pages: &mut Pages) {
    let row = |version: u32, changes| VersionRow {
        version,
        at: minutes_ago(i64::from(90 - version)),
        changes,
    };
    let rows = pages.list(vec![row(2, differences(pages)), row(1, Vec::new())]);
    let page = VersionsPage {
        frame: pages.frame(),
        about: about(pages, FormTab::Versions),
        current: 2,
        versions: &rows,
        may_change: true,
        next: pages.maybe("/admin/forms/a/versions?before=1"),
    };
    pages.add("form-versions", &page);
}
