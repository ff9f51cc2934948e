//! Which mails an account gets, with the links in them.

use formhold_domain::{
    Bearer, EmailAddress,
    accounts::{EmailChange, LinkKind, OneTimeLink, User},
    letters::{FactorsChange, Letter, LetterSubject},
};
use formhold_store::Change;

use crate::{App, ServiceError, letters};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// An address of a page. Always below the address in the settings: what a request says of its host
/// never gets into a mail.
pub(crate) fn page(app: &App, path: &str) -> String {
    format!("{}{path}", app.public_url)
}

/// Makes a link that works once, inside the change that it follows from.
pub(crate) async fn link(
    app: &App,
    change: &Change,
    user: &User,
    kind: LinkKind,
) -> Result<String, ServiceError> {
    let (path, lifetime_ms) = match kind {
        LinkKind::ConfirmEmail => ("/confirm", 24 * HOUR_MS),
        LinkKind::ResetPassword => ("/reset", HOUR_MS),
        LinkKind::LeaveEmail | LinkKind::ReachEmail => {
            ("/account/email/agree", EmailChange::LIFETIME_MS)
        }
    };
    let secret = Bearer::new(&*app.ids);
    let link = OneTimeLink {
        hash: secret.hash(),
        kind,
        user_id: user.id,
        created_at_ms: change.now_ms(),
        expires_at_ms: change.now_ms() + lifetime_ms,
    };
    change.put_link(&link).await?;
    Ok(page(app, &format!("{path}?token={}", secret.expose())))
}

/// A mail to the account's own address.
pub(crate) fn to(user: &User, subject: LetterSubject) -> Letter {
    to_address(user, user.email.clone(), subject)
}

/// A mail to another address of the account's owner.
pub(crate) fn to_address(user: &User, address: EmailAddress, subject: LetterSubject) -> Letter {
    Letter { to: address, name: user.name.to_string(), language: user.language, subject }
}

/// Sends a new link that confirms the account's address.
pub(crate) async fn send_confirmation(app: &App, user: &User) -> Result<(), ServiceError> {
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let link = link(app, &change, user, LinkKind::ConfirmEmail).await?;
    letters::enqueue(app, &mut change, Some(to(user, LetterSubject::ConfirmEmail { link })));
    change.commit().await?;
    Ok(())
}

/// Tells the owner that the ways to sign in change, inside the change that does it.
pub(crate) fn tell_of_factors(app: &App, change: &mut Change, user: &User, what: FactorsChange) {
    let account = page(app, "/account/factors");
    let letter = to(user, LetterSubject::FactorsChanged { what, account });
    letters::enqueue(app, change, Some(letter));
}
