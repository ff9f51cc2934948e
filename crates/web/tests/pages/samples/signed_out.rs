//! What people see before they signed in.

use formhold_web::pages::{
    Card, ConfirmEmailPage, Confirmation, ErrorKind, FactorPage, Flash, ForgotPage, FormState,
    InvitationPage, InvitedView, Link, LoginPage, MessagePage, ProviderView, RegisterPage,
    ResetPage, SetupPage, SignedInMessagePage, Visitor,
};

use super::Pages;

const PASSWORDS: &str = "At least 12 characters. A few words that belong together only for you are easy to keep in mind.";

pub(super) fn add(pages: &mut Pages) {
    login(pages);
    accounts(pages);
    links(pages);
    messages(pages);
}

fn login(pages: &mut Pages) {
    let empty = FormState::default();
    let providers = pages.list(vec![
        ProviderView { id: "company", name: pages.text("Example Company") },
        ProviderView { id: "other", name: "Keycloak" },
    ]);
    let optional = pages.maybe(()).is_some();
    let next = pages.text("/admin/users");
    let login = |form, flash| LoginPage {
        card: Card { csrf: "CSRF", flash },
        form,
        next,
        providers: &providers,
        passkeys: optional,
        may_register: optional,
        may_reset: optional,
    };
    let wrong = pages
        .filled(&[("email", "ada@example.org")])
        .with_error("This address and this password do not belong together.");
    let changed =
        Flash { message: "Your password was set. Please sign in with it.", is_error: false };
    let (fresh, refused) = (login(&empty, Some(changed)), login(&wrong, None));
    pages.add("login", &fresh);
    pages.add("login-wrong", &refused);
    let card = pages.card();
    pages.add("login-factor", &FactorPage { card, form: &empty, next: "" });
    let wrong = FormState::default()
        .with_problem("recovery_code", "This code was used, or never given out.");
    pages.add("login-factor-wrong", &FactorPage { card, form: &wrong, next: pages.text("/admin") });
}

fn accounts(pages: &mut Pages) {
    let card = pages.card();
    let empty = FormState::default();
    let wrong = pages
        .filled(&[("name", "Ada Lovelace"), ("email", "ada@"), ("workspace_name", "Engines")])
        .with_problem("email", "Enter an e-mail address, as name@example.org.")
        .with_problem("password", "Choose a password of at least 12 characters.");
    let register =
        |form, invitation| RegisterPage { card, form, invitation, password_hint: PASSWORDS };
    let invitation = InvitedView {
        token: pages.text("fhi_1"),
        email: pages.text("ada@example.org"),
        workspace: pages.text("Analytical Engines"),
    };
    pages.add("register", &register(&empty, None));
    pages.add("register-wrong", &register(&wrong, None));
    pages.add("register-invited", &register(&empty, Some(invitation)));
    let setup = |form, token| SetupPage { card, form, token, password_hint: PASSWORDS };
    pages.add("setup", &setup(&empty, "fhs_1"));
    pages.add("setup-wrong", &setup(&wrong, pages.text("fhs_1")));
}

fn links(pages: &mut Pages) {
    let card = pages.card();
    let empty = FormState::default();
    let token = pages.text("fhl_1");
    let email = pages.text("ada@example.org");
    pages.add("forgot", &ForgotPage { card, form: &empty });
    let form = &empty;
    let email_known = pages.maybe(email);
    pages.add(
        "reset",
        &ResetPage { card, form, token, email: email_known, password_hint: PASSWORDS },
    );
    let short = FormState::default()
        .with_problem("new_password", "Choose a password of at least 12 characters.");
    pages.add(
        "reset-wrong",
        &ResetPage { card, form: &short, token, email: None, password_hint: PASSWORDS },
    );
    let confirm = |asks_for| ConfirmEmailPage { card, token, email, asks_for };
    pages.add("confirm", &confirm(Confirmation::Registration));
    pages.add("email-reach", &confirm(Confirmation::NewAddress));
    pages.add("email-leave", &confirm(Confirmation::OldAddress));
    let invitation = |visitor, pages: &Pages| InvitationPage {
        card,
        token,
        workspace: pages.text("Analytical Engines"),
        email,
        role: "editor",
        invited_by: pages.maybe(pages.text("Charles Babbage")),
        visitor,
    };
    let closed = Visitor::SignedOut { may_register: false };
    pages.add("invitation-closed", &invitation(closed, pages));
    pages.add("invitation", &invitation(Visitor::SignedOut { may_register: true }, pages));
    pages.add("invitation-signed-in", &invitation(Visitor::Invited, pages));
    let other = Visitor::SomebodyElse { email: pages.text("charles@example.org") };
    pages.add("invitation-somebody-else", &invitation(other, pages));
}

fn messages(pages: &mut Pages) {
    let card = pages.card();
    let message = MessagePage {
        card,
        title: pages.text("Look into your mailbox"),
        message: pages.text("We sent a link to ada@example.org. It works for an hour."),
        link: pages.maybe(Link { path: "/login", label: pages.text("Back to signing in") }),
    };
    pages.add("message", &message);
    pages.add("link-used", &MessagePage::error(card, ErrorKind::LinkUsed));
    pages.add("not-found", &MessagePage::error(card, ErrorKind::NotFound));
    for (name, kind) in [
        ("error-forbidden", ErrorKind::Forbidden),
        ("error-form-expired", ErrorKind::FormExpired),
        ("error-not-found", ErrorKind::NotFound),
        ("error-too-many", ErrorKind::TooMany),
        ("error-unavailable", ErrorKind::Unavailable),
        ("error-internal", ErrorKind::Internal),
    ] {
        pages.add(name, &SignedInMessagePage::error(pages.frame(), kind));
    }
}
