//! How much mail a form may cause: nobody's address can be flooded through it.

use formhold_channels::Channel;
use formhold_domain::Submission;

use super::Tried;
use crate::{App, limits};

/// Counts a mail that a submission causes; gives what becomes of it where a budget is used up. To an
/// address that the submitter chose nothing is sent later either: that would be the flood, only slower.
pub(super) async fn count(
    app: &App,
    channel: &dyn Channel,
    submission: &Submission,
    recipient: &str,
) -> Option<Tried> {
    let is_chosen = match channel.about().name {
        "confirmation" => true,
        "email" => {
            let mut copies = submission.context.copies.iter();
            copies.any(|copy| copy.eq_ignore_ascii_case(recipient))
        }
        _ => return None,
    };
    if is_chosen && let Err(exceeded) = limits::count_mail_to(app, recipient).await {
        let quota = exceeded.quota;
        let reason = format!("this address got its {quota} mails from forms already");
        return Some(Tried::Never { status: None, reason });
    }
    let exceeded = limits::count_mail_of(app, submission.form_id).await.err()?;
    Some(Tried::Later {
        status: None,
        reason: format!("the form sent its {} mails already", exceeded.quota),
        not_within: Some(exceeded.retry_after),
    })
}
