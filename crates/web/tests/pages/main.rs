//! Every page rendered with sample data, and what holds for all of them.

mod samples;

use std::collections::HashSet;

use formhold_web::public::assets;
use samples::{HOSTILE, Kind, Sample};

fn each(check: impl Fn(Kind, &Sample)) {
    for kind in Kind::ALL {
        let pages = samples::all(kind);
        assert!(pages.len() > 20);
        for page in pages {
            check(kind, &page);
        }
    }
}

/// The tags of one element, without their angles.
fn tags<'a>(html: &'a str, element: &str) -> Vec<&'a str> {
    let open = format!("<{element}");
    let starts = html.match_indices(&open).map(|(at, _)| &html[at + 1..]);
    let tags = starts.map(|rest| &rest[..rest.find('>').expect("a tag ends")]);
    tags.filter(|tag| matches!(tag.as_bytes().get(element.len()), None | Some(b' '))).collect()
}

fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    let rests = html.split(&start).skip(1);
    rests.map(|rest| rest.split('"').next().expect("there is a first part")).collect()
}

fn value<'a>(tag: &'a str, attribute: &str) -> Option<&'a str> {
    values(tag, attribute).first().copied()
}

#[test]
fn no_value_is_anything_but_text() {
    each(|kind, Sample { name, html }| {
        assert!(!html.contains("<script>"), "{name}");
        assert!(!html.contains("'&{{"), "{name}: a quote is as it came");
        if kind == Kind::Hostile && html.contains("alert(1)") {
            assert!(
                html.contains("&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#39;&#38;"),
                "{name}"
            );
        }
    });
    let shown =
        samples::all(Kind::Hostile).iter().filter(|page| page.html.contains("alert(1)")).count();
    assert!(shown > 12, "only {shown} pages show what {HOSTILE} stands for");
}

#[test]
fn a_page_has_one_heading_of_the_first_rank_a_title_and_one_main_part() {
    each(|_, Sample { name, html }| {
        assert_eq!(tags(html, "h1").len(), 1, "{name}");
        assert_eq!(tags(html, "main").len(), 1, "{name}");
        let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        let title = title.expect("a title");
        assert!(title.ends_with(" – Formhold") && title.len() > " – Formhold".len() + 3, "{name}");
    });
}

#[test]
fn every_id_is_there_once_and_every_reference_leads_to_one() {
    each(|kind, Sample { name, html }| {
        let ids = values(html, "id");
        let unique: HashSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}, {kind:?}: ids repeat: {ids:?}");
        let lists =
            ["aria-describedby", "aria-labelledby", "for", "popovertarget", "data-copy", "list"];
        for attribute in lists {
            for id in values(html, attribute).iter().flat_map(|ids| ids.split(' ')) {
                assert!(unique.contains(id), "{name}, {kind:?}: {attribute} names {id}");
            }
        }
        for id in values(html, "href").iter().filter_map(|href| href.strip_prefix('#')) {
            assert!(unique.contains(id), "{name}, {kind:?}: a link leads to {id}");
        }
    });
}

#[test]
fn every_control_has_a_label() {
    each(|kind, Sample { name, html }| {
        let labelled: HashSet<_> =
            tags(html, "label").iter().filter_map(|tag| value(tag, "for")).collect();
        for element in ["input", "select", "textarea"] {
            for tag in tags(html, element) {
                let at = tag.as_ptr() as usize - html.as_ptr() as usize;
                let inside = html[..at].rfind("<label") > html[..at].rfind("</label>");
                let by_id = value(tag, "id").is_some_and(|id| labelled.contains(id));
                let hidden = value(tag, "type") == Some("hidden");
                let named = value(tag, "aria-label").is_some();
                assert!(hidden || by_id || inside || named, "{name}, {kind:?}: {tag}");
            }
        }
    });
}

#[test]
fn every_form_that_changes_something_sends_the_token_back() {
    each(|kind, Sample { name, html }| {
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().expect("there is a first part");
            let tag = form.split('>').next().expect("a tag ends");
            let tokens =
                form.matches("<input type=\"hidden\" name=\"csrf\" value=\"CSRF\">").count();
            let posts = format!(" {tag}").contains(" method=\"post\"");
            assert_eq!(tokens, usize::from(posts), "{name}, {kind:?}: {tag}");
            assert!(
                value(&format!(" {tag}"), "action").is_some_and(|to| to.starts_with('/')),
                "{name}: {tag}"
            );
        }
    });
}

#[test]
fn what_a_form_was_refused_for_is_said_above_it_and_beside_the_field() {
    let mut wrong = 0;
    each(|kind, Sample { name, html }| {
        let title = html.split("<title>").nth(1).expect("a title");
        assert_eq!(
            title.starts_with("Error: "),
            html.contains("class=\"summary\" role=\"alert\""),
            "{name}, {kind:?}"
        );
        for tag in html.split("aria-invalid=\"true\"").skip(1) {
            let tag = tag.split('>').next().expect("there is a first part");
            assert!(
                value(tag, "aria-describedby").is_some_and(|ids| ids.ends_with("-problem")),
                "{name}: {tag}"
            );
        }
    });
    for page in samples::all(Kind::Usual) {
        wrong += usize::from(page.html.contains("aria-invalid=\"true\""));
    }
    assert!(wrong > 3, "only {wrong} samples have a wrong field");
}

#[test]
fn passwords_and_codes_never_come_back() {
    let entered = [
        ("email", "ada@example.org"),
        ("password", "s3cret"),
        ("code", "s3cret"),
        ("csrf", "s3cret"),
    ];
    let form = formhold_web::pages::FormState::filled(entered).with_error("No.");
    assert!(format!("{form:?}").contains("ada@example.org"));
    assert!(!format!("{form:?}").contains("s3cret"));
}

#[test]
fn pages_obey_their_content_security_policy() {
    let urls: Vec<_> = assets::ALL.iter().map(|asset| asset.url()).collect();
    each(|_, Sample { name, html }| {
        assert!(!html.contains(" style=") && !html.contains("<style"), "{name}");
        assert!(!html.contains(" onclick=") && !html.contains("javascript:"), "{name}");
        assert_eq!(
            tags(html, "script").len(),
            html.matches("<script type=\"module\" src=\"/static/").count(),
            "{name}"
        );
        for url in values(html, "src")
            .into_iter()
            .chain(tags(html, "link").iter().filter_map(|tag| value(tag, "href")))
        {
            assert!(
                urls.iter().any(|known| known == url) || url.starts_with("/account/picture/"),
                "{name}: {url}"
            );
        }
        let led_to = values(html, "href").into_iter().chain(values(html, "action"));
        let elsewhere = ["otpauth://totp/", "mailto:", "https://www.standardwebhooks.com/"];
        for url in led_to.filter(|url| !elsewhere.iter().any(|known| url.starts_with(known))) {
            assert!(
                url.starts_with('/') && !url.starts_with("//") || url.starts_with('#'),
                "{name}: {url}"
            );
        }
    });
}

#[test]
fn what_must_be_typed_before_something_is_deleted_is_shown() {
    let pages = samples::all(Kind::Usual);
    for (name, typed) in
        [("workspace-delete", "Analytical Engines"), ("user-delete", "charles@example.org")]
    {
        let page = pages.iter().find(|page| page.name == name).expect("there is such a page");
        assert!(page.html.contains(&format!("id=\"confirm-hint\">{typed}</p>")), "{}", page.html);
    }
}
