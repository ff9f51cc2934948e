//! Pictures of people, as others see them.

use formhold_domain::{
    UserId,
    access::{Action, Caller},
    accounts::Picture,
};
use formhold_files::ByteStream;

use crate::{App, ServiceError, access::require_own};

/// The types that are taken and shown.
pub(crate) const KINDS: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// A picture to be sent.
pub struct PictureContent {
    /// Its type: one of four.
    pub content_type: &'static str,
    /// Its length.
    pub size_bytes: u64,
    /// Its content.
    pub content: ByteStream,
}

/// Somebody's picture, for themselves, for who works in a workspace with them, and for administrators.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none, or the caller must not know of its owner.
pub async fn open_picture(
    app: &App,
    caller: &Caller,
    id: UserId,
) -> Result<PictureContent, ServiceError> {
    let person = require_own(caller, Action::SeeOwnAccount)?;
    let none = || ServiceError::NotFound(format!("picture of user {id}"));
    let may_see = person.user_id == id || person.is_admin() || {
        let theirs = app.store.rights_of(id).await?.map(|(_, theirs)| theirs).unwrap_or_default();
        theirs.iter().any(|it| person.role_in(it.workspace_id).is_some())
    };
    if !may_see {
        return Err(none());
    }
    let user = app.store.find_user(id).await?;
    let picture = user.and_then(|user| user.picture).ok_or_else(none)?;
    let content_type = KINDS.into_iter().find(|kind| *kind == picture.content_type);
    let content_type = content_type.ok_or_else(none)?;
    let reading = app.files.read(picture.file_id).await?.ok_or_else(none)?;
    let size_bytes = reading.size_bytes();
    Ok(PictureContent { content_type, size_bytes, content: reading.into_stream() })
}

/// Removes the file of a picture that is nobody's any more.
pub(crate) fn discard(app: &App, picture: Option<&Picture>) {
    let Some(picture) = picture else { return };
    if let Err(error) = app.files.discard(picture.file_id) {
        tracing::warn!(%error, file = %picture.file_id, "a picture's file could not be removed");
    }
}
