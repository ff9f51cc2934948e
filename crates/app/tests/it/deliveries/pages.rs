//! The pages of delivery, as a browser and as an attacker use them.

use formhold_domain::{
    WorkspaceId,
    access::{InstanceRole, WorkspaceRole},
};
use formhold_testkit::{TestApp, on_both_stacks};

use super::{receiver::Receiver, scene::form_in, until};
use crate::accounts::{
    PASSWORD,
    browser::{Browser, Seen},
    member, user,
};

/// An editor in a browser, and the page of a form's channels.
async fn editor(app: &TestApp) -> (Browser<'_>, String) {
    let id = user(app, "ada@example.org", InstanceRole::User).await;
    member(app, WorkspaceId::FIRST, id, WorkspaceRole::Editor).await;
    let mut browser = Browser::new(app);
    assert_eq!(browser.sign_in("ada@example.org", PASSWORD).await.status, 303);
    let form = form_in(app, WorkspaceId::FIRST, "contact").await;
    (browser, format!("/admin/forms/{form}/delivery"))
}

/// The first address in a page that begins so.
fn address(seen: &Seen, start: &str) -> String {
    let quoted = format!("\"{start}");
    let at = seen.html.find(&quoted).unwrap_or_else(|| panic!("{start} in {}", seen.html));
    seen.html[at + 1..].split('"').next().expect("its end").to_owned()
}

fn has(seen: &Seen, text: &str) {
    assert!(seen.html.contains(text), "{text} in {}", seen.html);
}

async fn submit(app: &TestApp) {
    let (status, reply) = app.post("/f/contact", &[("name", "Ada")]).await;
    assert_eq!(status, 200, "{reply}");
}

on_both_stacks! {
    async fn a_webhook_is_set_up_tried_out_changed_and_deleted(app: TestApp) {
        let (mut browser, list) = editor(&app).await;
        let receiver = Receiver::start(["200 OK", "500 Oops"]).await;
        has(&browser.get(&list).await, "Nobody yet: submissions lie in the inbox only.");
        let new = format!("{list}/new?kind=webhook");
        has(&browser.get(&new).await, "Signing secret");
        let wrong = browser.post(&new, &format!("{list}/new"), &[("kind", "webhook"), ("name", "<b>CRM"), ("url", "ftp://x"), ("secret", "whsec_typed")]).await;
        assert_eq!(wrong.status, 422);
        has(&wrong, "value=\"&#60;b&#62;CRM\"");
        has(&wrong, "value=\"ftp://x\"");
        has(&wrong, "Signing secret must be `whsec_` and");
        assert!(!wrong.html.contains("whsec_typed"), "secrets are not sent back");

        let made = browser.post(&new, &format!("{list}/new"), &[("kind", "webhook"), ("name", "CRM"), ("url", &receiver.url())]).await;
        assert_eq!(made.status, 200, "{}", made.html);
        let secret = address(&made, "whsec_");
        let page = address(&made, "/admin/channels/");
        let seen = browser.get(&page).await;
        assert!(!seen.html.contains(&secret), "it is shown once");
        has(&seen, "One is stored and is never shown");
        has(&seen, &format!("value=\"{}\"", receiver.url()));

        let test = format!("{page}/test");
        has(&browser.post(&page, &test, &[]).await, "It arrived.");
        let failed = browser.post(&page, &test, &[]).await;
        has(&failed, "It did not arrive.");
        has(&failed, "The receiver answered 500");

        let fields = [("version", "1"), ("name", "Our CRM"), ("is_on", "on"), ("url", &receiver.url()), ("format", "form"), ("secret", "")];
        let saved = browser.post(&page, &page, &fields).await;
        assert_eq!((saved.status.as_u16(), saved.location()), (303, format!("{page}?done=channel-saved").as_str()));
        let stale = browser.post(&page, &page, &fields).await;
        assert_eq!(stale.status, 409);
        has(&stale, "Somebody changed this meanwhile");
        let stored = format!("SELECT COUNT(*) FROM channels WHERE config LIKE '%{secret}%' AND version = 2");
        assert_eq!(app.database.number(&stored).await, 1, "an empty field keeps it");
        let moved = browser.post(&page, &page, &[("version", "2"), ("name", "Our CRM"), ("is_on", "on"), ("url", "https://example.org/")]).await;
        assert_ne!(address(&moved, "whsec_"), secret, "another address gets another one, and it is shown");
        let rotated = browser.post(&page, &format!("{page}/secret"), &[]).await;
        has(&rotated, "The one before signs, too, for a day");

        let off = browser.post(&list, &format!("{page}/switch"), &[("is_on", "off")]).await;
        has(&browser.get(off.location()).await, "The channel is off: nothing is sent by it.");
        submit(&app).await;
        assert_eq!(app.database.number("SELECT COUNT(*) FROM jobs").await, 0);
        has(&browser.get(&format!("{page}/delete")).await, "Delete the channel Our CRM?");
        let gone = browser.post(&page, &format!("{page}/delete"), &[]).await;
        has(&browser.get(gone.location()).await, "The channel was deleted.");
        assert_eq!(browser.get(&page).await.status, 404);
        assert_eq!(browser.get(&format!("{list}/new?kind=pigeon")).await.status, 404);
    }

    async fn a_mail_channel_keeps_what_was_entered(app: TestApp) {
        let (mut browser, list) = editor(&app).await;
        let new = format!("{list}/new?kind=email");
        let post = format!("{list}/new");
        let long = "word ".repeat(9_000);
        let fields = [("kind", "email"), ("name", "Office"), ("to", "office@example.org\r\nada@example.org"), ("subject", "From {{ form_name }}"), ("text", &long), ("attach_files", "on")];
        let made = browser.post(&new, &post, &fields).await;
        assert_eq!(made.status, 303, "{}", made.html);
        let page = made.location().split('?').next().expect("a path").to_owned();
        let seen = browser.get(&page).await;
        has(&seen, "office@example.org\nada@example.org</textarea>");
        has(&seen, "From {{ form_name }}");
        assert!(seen.html.contains("name=\"attach_files\" value=\"on\" checked") && !seen.html.contains("whsec_"), "{}", seen.html);
        let broken = browser.post(&page, &page, &[("version", "1"), ("name", "Office"), ("to", "nobody"), ("html", "{% if %}")]).await;
        assert_eq!(broken.status, 422);
        has(&broken, "id=\"to-problem\"");
        has(&broken, "id=\"html-problem\"");
        has(&broken, "<details class=\"wording\" open>");
        has(&browser.get(&list).await, "office@example.org, ada@example.org");
    }

    async fn what_failed_is_seen_and_sent_again(app: TestApp) {
        let (mut browser, list) = editor(&app).await;
        let receiver = Receiver::start(["410 Gone"]).await;
        let new = format!("{list}/new");
        let made = browser.post(&format!("{new}?kind=webhook"), &new, &[("kind", "webhook"), ("name", "CRM"), ("url", &receiver.url())]).await;
        let page = address(&made, "/admin/channels/");
        let deliveries = format!("{page}/deliveries");
        has(&browser.get(&deliveries).await, "No deliveries yet");
        submit(&app).await;
        until("it is off", async || app.database.number("SELECT COUNT(*) FROM channels WHERE NOT is_on").await == 1).await;
        until("it failed", async || app.database.number("SELECT COUNT(*) FROM jobs WHERE state = 'dead'").await == 1).await;
        let seen = browser.get(&list).await;
        has(&seen, "Switched off by Formhold");
        has(&seen, "1 failed");
        let seen = browser.get(&deliveries).await;
        let one = address(&seen, "/admin/deliveries/");
        let tried = browser.get(&one).await;
        has(&tried, "answered 410");
        has(&tried, "Failed for good");
        let refused = browser.post(&deliveries, &format!("{deliveries}/retry"), &[]).await;
        assert_eq!(refused.status, 409);
        has(&refused, "the channel is switched off; switch it on first");
        browser.post(&list, &format!("{page}/switch"), &[("is_on", "on")]).await;
        for (from, status) in [("2026-13-01", 422), ("2200-01-01", 303), ("", 303)] {
            let retried = browser.post(&deliveries, &format!("{deliveries}/retry"), &[("from", from), ("to", "")]).await;
            assert_eq!(retried.status, status, "{from}: {}", retried.html);
            if from == "2200-01-01" {
                has(&browser.get(retried.location()).await, "Nothing failed in that time.");
            }
        }
        until("it arrived", async || app.database.number("SELECT COUNT(*) FROM jobs WHERE state = 'done'").await == 1).await;
        let again = browser.post(&one, &format!("{one}/retry"), &[]).await;
        has(&browser.get(again.location()).await, "It is sent again now.");
        until("it arrived again", async || receiver.arrived().len() == 3).await;
        until("it is done", async || app.database.number("SELECT COUNT(*) FROM jobs WHERE state = 'done'").await == 1).await;
        has(&browser.get(&format!("{deliveries}?state=done")).await, "Arrived");
        has(&browser.get(&format!("{deliveries}?state=dead")).await, "No delivery stands there");
        let submission = address(&browser.get(&deliveries).await, "/admin/submissions/");
        let told = browser.get(&format!("{submission}/deliveries")).await;
        has(&told, "Who was told");
        has(&told, "CRM");
    }

    async fn an_administrator_sees_jobs_and_runs_what_comes_by_itself(app: TestApp) {
        user(&app, "root@example.org", InstanceRole::Admin).await;
        let mut browser = Browser::new(&app);
        browser.sign_in("root@example.org", PASSWORD).await;
        let empty = browser.get("/admin/jobs").await;
        has(&empty, "Nothing waits, and nothing has failed.");
        has(&empty, "Trim the audit trail");
        let run = browser.post("/admin/jobs", "/admin/schedules/trim-audit/run", &[]).await;
        assert_eq!(run.status, 303, "{}", run.html);
        until("it ran", async || app.database.number("SELECT COUNT(*) FROM jobs WHERE state = 'done'").await == 1).await;
        let seen = browser.get("/admin/jobs").await;
        has(&seen, "removed 0 entries");
        let one = address(&seen, "/admin/jobs/0");
        has(&browser.get(&one).await, "Succeeded");
        assert_eq!(browser.post(&one, &format!("{one}/retry"), &[]).await.status, 409, "what is done stays done");
        app.stop_worker().await;
        browser.post("/admin/jobs", "/admin/schedules/forget-keys/run", &[]).await;
        assert_eq!(browser.post("/admin/jobs", "/admin/schedules/forget-keys/run", &[]).await.status, 409, "once at a time");
        let waiting = browser.get("/admin/jobs?state=ready").await;
        let one = address(&waiting, "/admin/jobs/0");
        let called_off = browser.post(&one, &format!("{one}/cancel"), &[]).await;
        has(&browser.get(called_off.location()).await, "The job was called off.");
        has(&browser.get("/admin/jobs?state=running").await, "No job stands there");
        assert_eq!(browser.post("/admin/jobs", "/admin/schedules/deliver/run", &[]).await.status, 404);
    }

    async fn who_only_looks_does_not_get_to_channels(app: TestApp) {
        let (mut browser, list) = editor(&app).await;
        let new = format!("{list}/new");
        let made = browser.post(&format!("{new}?kind=ntfy"), &new, &[("kind", "ntfy"), ("name", "Phones"), ("topic", "forms")]).await;
        let page = made.location().split('?').next().expect("a path").to_owned();
        let viewer = user(&app, "ida@example.org", InstanceRole::User).await;
        member(&app, WorkspaceId::FIRST, viewer, WorkspaceRole::Viewer).await;
        user(&app, "otto@example.org", InstanceRole::User).await;
        for (email, status) in [("ida@example.org", 403), ("otto@example.org", 404)] {
            let mut other = Browser::new(&app);
            other.sign_in(email, PASSWORD).await;
            let csrf = other.get("/account").await.csrf();
            assert_eq!(other.get(&page).await.status, status, "{email}");
            assert_eq!(other.post_with(&csrf, &format!("{page}/delete"), &[]).await.status, status);
            assert_eq!(other.post_with(&csrf, &page, &[("version", "1"), ("name", "X"), ("topic", "theirs")]).await.status, status);
        }
        assert_eq!(app.database.number("SELECT COUNT(*) FROM channels WHERE version = 1").await, 1);
    }
}
