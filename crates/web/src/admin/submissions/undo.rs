//! Taking a move back: the page after it knows what was moved, and from where.

use axum::extract::{Path, State};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use formhold_domain::{FormId, InboxAct, SubmissionId, SubmissionState};
use formhold_service::{
    csrf,
    submissions::{deeds::Deed, inbox},
};
use serde::Deserialize;

use super::{parse, path_of};
use crate::{
    WebState,
    admin::Shown,
    pages::{ErrorKind, admin::UndoView},
    visit::{Done, Sent, Visit, reply},
};

/// How many an address has room for.
const MOST: usize = 100;
const ID_BYTES: usize = 16;

/// A move that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undo {
    pub(super) to: SubmissionState,
    pub(super) from: SubmissionState,
    pub(super) ids: Vec<SubmissionId>,
}

impl Undo {
    /// What takes this deed back; none where nothing can, or it was done to too many.
    pub(super) fn of(deed: &Deed, from: SubmissionState, ids: &[SubmissionId]) -> Option<Self> {
        let Deed::Act(InboxAct::MoveTo(to)) = deed else { return None };
        let fits = *to != from && (1..=MOST).contains(&ids.len());
        fits.then(|| Self { to: *to, from, ids: ids.to_vec() })
    }

    /// The end of an address that offers it, signed for this browser: nobody else can offer a move
    /// of their own choice.
    pub(super) fn query(&self, state: &WebState, visit: &Visit) -> String {
        let payload = self.payload();
        format!("undo={payload}~{}", signature(state, visit, &payload))
    }

    /// What an address offers.
    pub(super) fn read(state: &WebState, visit: &Visit, text: &str) -> Option<Self> {
        let (payload, signature) = text.split_once('~')?;
        let is_ours = csrf::is_valid(&state.0.app, &basis(visit, payload), signature);
        is_ours.then(|| Self::parse(payload))?
    }

    pub(super) fn view(&self, state: &WebState, visit: &Visit) -> UndoView {
        let payload = self.payload();
        let which = match self.ids.len() {
            1 => "The submission".to_owned(),
            count => format!("{count} submissions"),
        };
        let what = match (self.to, self.ids.len()) {
            (SubmissionState::Inbox, 1) => "is in the inbox now.",
            (SubmissionState::Spam, 1) => "counts as spam now.",
            (SubmissionState::Archive, 1) => "is in the archive now.",
            (SubmissionState::Trash, 1) => "lies in the trash now.",
            (SubmissionState::Inbox, _) => "are in the inbox now.",
            (SubmissionState::Spam, _) => "count as spam now.",
            (SubmissionState::Archive, _) => "are in the archive now.",
            (SubmissionState::Trash, _) => "lie in the trash now.",
        };
        let signature = signature(state, visit, &payload);
        UndoView { sentence: format!("{which} {what}"), payload, signature }
    }

    fn deed(&self) -> Deed {
        Deed::Act(match self.to {
            SubmissionState::Trash => InboxAct::Restore,
            _ => InboxAct::MoveTo(self.from),
        })
    }

    fn payload(&self) -> String {
        let bytes: Vec<u8> = self.ids.iter().flat_map(|id| *id.0.as_bytes()).collect();
        let ids = URL_SAFE_NO_PAD.encode(bytes);
        format!("{}.{}.{ids}", self.to.as_str(), self.from.as_str())
    }

    fn parse(payload: &str) -> Option<Self> {
        let mut parts = payload.splitn(3, '.');
        let to = SubmissionState::parse(parts.next()?)?;
        let from = SubmissionState::parse(parts.next()?)?;
        let bytes = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        let is_whole =
            bytes.len().is_multiple_of(ID_BYTES) && (1..=MOST).contains(&(bytes.len() / ID_BYTES));
        let id = |bytes: &[u8]| -> Option<SubmissionId> {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().parse().ok()
        };
        let ids = bytes.chunks(ID_BYTES).map(id).collect::<Option<Vec<_>>>()?;
        is_whole.then_some(Self { to, from, ids })
    }
}

fn basis(visit: &Visit, payload: &str) -> String {
    format!("{} undo {payload}", visit.browser())
}

fn signature(state: &WebState, visit: &Visit, payload: &str) -> String {
    csrf::token(&state.0.app, &basis(visit, payload))
}

#[derive(Deserialize)]
pub(super) struct UndoForm {
    #[serde(default)]
    payload: String,
    #[serde(default)]
    signature: String,
}

/// `POST /admin/forms/{id}/submissions/undo`.
pub(super) async fn undo_move(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: form }: Sent<UndoForm>,
) -> Shown {
    let form_id: FormId = parse(&id)?;
    let app = &state.0.app;
    // Who may not even see the form learns nothing from what is wrong with the rest.
    let text = format!("{}~{}", form.payload, form.signature);
    let Some(undo) = Undo::read(&state, &visit, &text) else {
        let seen = formhold_service::submissions::news::may_watch(app, &visit.caller, form_id);
        seen.await.map_err(|failure| visit.failed(&failure))?;
        return Err(reply::error(ErrorKind::FormExpired));
    };
    let done = inbox::act(app, &visit.caller, form_id, &undo.ids, &undo.deed()).await;
    done.map_err(|failure| visit.failed(&failure))?;
    let path = format!("{}?state={}", path_of(form_id), undo.from.as_str());
    Ok(reply::see_other(&Done::SubmissionsUndone.at(&path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_read_as_it_was_written_and_nothing_else_is_one() {
        let id =
            |last| format!("0190f000-0000-7000-8000-00000000000{last}").parse().expect("an id");
        let ids: [SubmissionId; 2] = [id(7), id(8)];
        let deed = Deed::Act(InboxAct::MoveTo(SubmissionState::Trash));
        let undo = Undo::of(&deed, SubmissionState::Inbox, &ids).expect("a move");
        assert_eq!(Undo::parse(&undo.payload()), Some(undo.clone()));
        assert_eq!(undo.deed(), Deed::Act(InboxAct::Restore));
        assert_eq!(Undo::of(&deed, SubmissionState::Trash, &ids), None, "it lay there already");
        assert_eq!(Undo::of(&Deed::DeleteForGood, SubmissionState::Trash, &ids), None);
        assert_eq!(Undo::of(&deed, SubmissionState::Inbox, &vec![ids[0]; MOST + 1]), None);
        for text in
            ["", "trash", "trash.inbox.", "trash.inbox.AAAA", "x.inbox.AAAAAAAAAAAAAAAAAAAAAA"]
        {
            assert_eq!(Undo::parse(text), None, "{text}");
        }
    }
}
