//! Pictures of people: which are taken, and who sees them.

use std::time::Duration;

use formhold_domain::{
    UserId, WorkspaceId,
    access::{InstanceRole, WorkspaceRole},
};
use formhold_service::{own::picture::MAX_BYTES, uploads, users};
use formhold_testkit::{TestApp, on_both_stacks};
use reqwest::multipart::{Form, Part};

use super::{
    PASSWORD,
    browser::{Browser, Seen},
    operator, user,
};
use crate::protection::files::{PLACE, picture};

const EMAIL: &str = "hanna@example.org";

async fn browser<'a>(app: &'a TestApp, email: &str) -> Browser<'a> {
    let mut browser = Browser::new(app);
    assert_eq!(browser.sign_in(email, PASSWORD).await.status, 303);
    browser
}

/// Uploads with the token of the page.
async fn upload(browser: &mut Browser<'_>, content: Vec<u8>) -> Seen {
    let csrf = browser.get("/account").await.csrf();
    upload_as(browser, Form::new().text("csrf", csrf), content).await
}

async fn upload_as(browser: &mut Browser<'_>, form: Form, content: Vec<u8>) -> Seen {
    let part = Part::bytes(content).file_name("me.svg").mime_str("image/svg+xml").expect("a type");
    let mut request = browser.app.client.post(browser.app.url("/account/picture"));
    for (name, value) in &browser.headers {
        request = request.header(*name, value);
    }
    browser.send(request.multipart(form.part("picture", part))).await
}

/// The address of the picture on the page, and what is there.
async fn shown(browser: &mut Browser<'_>) -> Option<String> {
    let page = browser.get("/account").await.html;
    let (_, rest) = page.split_once("<img class=\"picture\" src=\"")?;
    rest.split('"').next().map(|path| path.replace("&#38;", "&").replace("&amp;", "&"))
}

async fn bytes(browser: &mut Browser<'_>, path: &str) -> (u16, Vec<u8>) {
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request =
        browser.app.client.get(browser.app.url(path)).header("cookie", cookies.join("; "));
    let response = request.send().await.expect("a reply");
    (response.status().as_u16(), response.bytes().await.expect("a body").to_vec())
}

async fn join(app: &TestApp, id: UserId) {
    let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
    change.put_member(WorkspaceId::FIRST, id, WorkspaceRole::Viewer).await.expect("a member");
    change.commit().await.expect("a commit");
}

on_both_stacks! {
    async fn a_picture_is_put_replaced_and_removed(app: TestApp) {
        user(&app, EMAIL, InstanceRole::User).await;
        let mut browser = browser(&app, EMAIL).await;
        assert_eq!(shown(&mut browser).await, None);
        let saved = upload(&mut browser, picture(2, 1)).await;
        assert_eq!((saved.status.as_u16(), saved.location()), (303, "/account?done=picture-saved"));
        let first = shown(&mut browser).await.expect("a picture");
        let seen = browser.get(&first).await;
        assert_eq!(seen.headers["content-type"], "image/png", "by its content, not by what was said");
        assert_eq!(seen.headers["x-content-type-options"], "nosniff");
        assert!(seen.headers["content-security-policy"].to_str().expect("text").contains("sandbox"));
        assert!(seen.headers["cache-control"].to_str().expect("text").starts_with("private"));
        let (status, content) = bytes(&mut browser, &first).await;
        assert_eq!((status, &content[..4]), (200, &b"\x89PNG"[..]));
        assert!(!content.windows(PLACE.len()).any(|part| part == PLACE), "it tells no place");
        assert_eq!(upload(&mut browser, picture(2, 1)).await.status, 303);
        let second = shown(&mut browser).await.expect("a picture");
        assert_ne!(first, second, "a new one is seen at once");
        assert_eq!(app.files_on_disk().len(), 1, "the old one is gone");
        let removed = browser.post("/account", "/account/picture/delete", &[]).await;
        assert_eq!(removed.location(), "/account?done=picture-removed");
        assert_eq!((shown(&mut browser).await, app.files_on_disk().len()), (None, 0));
        assert_eq!(bytes(&mut browser, &second).await.0, 404);
    }

    async fn what_is_no_picture_or_too_large_is_refused_and_leaves_nothing(app: TestApp) {
        user(&app, EMAIL, InstanceRole::User).await;
        let mut browser = browser(&app, EMAIL).await;
        let mut large = picture(2, 1);
        large.resize(MAX_BYTES + 1, 0);
        let mut huge = picture(2, 1);
        huge.resize(9 * MAX_BYTES / 2, 0);
        for (content, problem) in [
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "must be a PNG, JPEG, WebP or GIF file"),
            (b"<html><script>alert(1)</script>".to_vec(), "must be a PNG, JPEG, WebP or GIF file"),
            (b"just text".to_vec(), "must be a PNG, JPEG, WebP or GIF file"),
            (picture(60_000, 60_000), "has too many pixels"),
            (b"\x89PNG\r\n\x1a\n".to_vec(), "is broken"),
            (b"GIF89a".to_vec(), "is broken"),
            (large, "must not have more than 2 MiB"),
            (huge, "must not have more than 2 MiB"),
            (Vec::new(), "is missing"),
        ] {
            let seen = upload(&mut browser, content).await;
            assert!(seen.status == 422 && seen.html.contains(&format!("The picture {problem}")), "{problem}: {} {}", seen.status, seen.html);
        }
        assert_eq!((shown(&mut browser).await, app.files_on_disk().len()), (None, 0));
    }

    async fn a_picture_that_was_not_sent_from_our_own_page_is_not_taken(app: TestApp) {
        user(&app, EMAIL, InstanceRole::User).await;
        let mut own = browser(&app, EMAIL).await;
        let foreign = Browser::new(&app).get("/login").await.csrf();
        for form in [Form::new(), Form::new().text("csrf", ""), Form::new().text("csrf", foreign)] {
            assert_eq!(upload_as(&mut own, form, picture(2, 1)).await.status, 403);
        }
        let csrf = own.get("/account").await.csrf();
        let mut request = app.client.post(app.url("/account/picture")).header("origin", "https://evil.example");
        request = request.multipart(Form::new().text("csrf", csrf.clone()).part("picture", Part::bytes(picture(2, 1)).file_name("a.png")));
        assert_eq!(own.send(request).await.status, 403);
        let mut nobody = Browser::new(&app);
        let seen = upload_as(&mut nobody, Form::new().text("csrf", csrf), picture(2, 1)).await;
        assert_eq!((seen.status.as_u16(), seen.location()), (303, "/login"));
        assert_eq!((shown(&mut own).await, app.files_on_disk().len()), (None, 0));
    }

    async fn only_who_works_with_somebody_sees_the_picture(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        let hanna = user(&app, EMAIL, InstanceRole::User).await;
        let colleague = user(&app, "colleague@example.org", InstanceRole::User).await;
        user(&app, "stranger@example.org", InstanceRole::User).await;
        join(&app, hanna).await;
        join(&app, colleague).await;
        let mut own = browser(&app, EMAIL).await;
        upload(&mut own, picture(2, 1)).await;
        let path = shown(&mut own).await.expect("a picture");
        for (email, status) in [(EMAIL, 200), ("colleague@example.org", 200), ("ada@example.org", 200), ("stranger@example.org", 404)] {
            assert_eq!(bytes(&mut browser(&app, email).await, &path).await.0, status, "{email}");
        }
        let nobody = Browser::new(&app).get(&path).await;
        assert!(nobody.status == 303 && nobody.location().starts_with("/login?next="));
        let mut stranger = browser(&app, "stranger@example.org").await;
        let unknown = format!("/account/picture/{}", app.app.ids.uuid());
        let (there, not_there) = (stranger.get(&path).await.html, stranger.get(&unknown).await.html);
        assert_eq!(there, not_there, "nor does the answer tell whether there is one");
    }

    async fn a_picture_is_no_file_that_was_left_behind_until_its_owner_goes(app: TestApp) {
        let id = user(&app, EMAIL, InstanceRole::User).await;
        let mut browser = browser(&app, EMAIL).await;
        upload(&mut browser, picture(2, 1)).await;
        assert_eq!(uploads::sweep_older_than(&app.app, Duration::ZERO).await.expect("swept"), 0);
        let path = shown(&mut browser).await.expect("a picture");
        assert_eq!(bytes(&mut browser, &path).await.0, 200);
        users::delete_user(&app.app, &operator(), id, None).await.expect("deleted");
        assert_eq!(app.files_on_disk().len(), 0);
    }
}
