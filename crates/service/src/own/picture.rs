//! The own picture.

use formhold_domain::{
    FileKind, UploadId,
    access::{Action, Caller},
    accounts::{Picture, User},
    audit::{AuditAction, AuditEntry},
};
use formhold_files::LocationRemoval;
use formhold_store::UserUpdate;
use serde_json::json;

use crate::{
    App, ServiceError,
    access::require_own,
    pictures::{self, KINDS},
};

/// How large a picture's file may be.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;
/// What browsers of others must decode to show it.
const MAX_PIXELS: u64 = 40_000_000;

/// Puts a picture in the place of the caller's, without what tells where it was taken.
///
/// # Errors
/// [`ServiceError::Invalid`] when it is no picture of the kinds that are taken, or too large.
pub async fn change_picture(
    app: &App,
    caller: &Caller,
    content: &[u8],
) -> Result<(), ServiceError> {
    require_own(caller, Action::ChangeOwnAccount)?;
    let refuse = |code, message: &str| Err(ServiceError::invalid("picture", code, message));
    if content.is_empty() {
        return refuse("MISSING", "is missing: choose a file");
    }
    if content.len() > MAX_BYTES {
        return refuse("TOO_LARGE", "must not have more than 2 MiB");
    }
    let head = &content[..content.len().min(FileKind::HEAD_BYTES)];
    if !KINDS.contains(&FileKind::of(head)) {
        return refuse("WRONG_TYPE", "must be a PNG, JPEG, WebP or GIF file");
    }
    let id = UploadId(app.ids.uuid());
    let mut incoming = app.files.begin(id).await?;
    incoming.write(content).await?;
    if incoming.remove_location().await? == LocationRemoval::Broken {
        return refuse("BROKEN", "is broken");
    }
    let stored = incoming.finish().await?;
    let pixels = stored.dimensions.map(|it| u64::from(it.width) * u64::from(it.height));
    let problem = match pixels {
        None | Some(0) => Some(("BROKEN", "is broken")),
        Some(pixels) if pixels > MAX_PIXELS => Some(("TOO_MANY_PIXELS", "has too many pixels")),
        Some(_) => None,
    };
    if let Some((code, message)) = problem {
        app.files.discard(id)?;
        return refuse(code, message);
    }
    let picture = Picture { file_id: id, content_type: stored.content_type.to_owned() };
    // Where the outcome is not known the file stays; the sweep decides.
    put(app, caller, Some(picture)).await
}

/// Takes the caller's picture away. That there is none is no error.
///
/// # Errors
/// When the caller is nobody, or the database fails.
pub async fn remove_picture(app: &App, caller: &Caller) -> Result<(), ServiceError> {
    put(app, caller, None).await
}

async fn put(app: &App, caller: &Caller, picture: Option<Picture>) -> Result<(), ServiceError> {
    let person = require_own(caller, Action::ChangeOwnAccount)?;
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let before: User = change.user(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    if before.picture.is_none() && picture.is_none() {
        return Ok(change.roll_back().await?);
    }
    let details = json!({ "after": picture.as_ref().map(|it| it.content_type.clone()) });
    let update = UserUpdate { picture: Some(picture), ..UserUpdate::default() };
    change.update_user(before.id, before.version, update).await?;
    let entry = AuditEntry::new(AuditAction::PictureChange, caller).on("user", before.id);
    change.record(entry.with(details));
    change.commit().await?;
    pictures::discard(app, before.picture.as_ref());
    Ok(())
}
