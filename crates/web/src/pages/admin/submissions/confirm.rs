//! Asks once more before many submissions are moved or deleted.

use askama::Template;

use crate::{
    pages::{Frame, admin::FormFrame},
    public::assets,
};

/// A question about many submissions, and a button that sends the same again.
#[derive(Debug, Template)]
#[template(path = "pages/admin/submissions/confirm.html", whitespace = "minimize")]
pub struct ConfirmBulkPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// Their form.
    pub about: FormFrame<'a>,
    /// What would be done, as `archive`.
    pub act: &'a str,
    /// How many; none: all that match.
    pub count: Option<usize>,
    /// What is sent again.
    pub fields: &'a [(&'static str, String)],
    /// Where to go back to.
    pub back: &'a str,
}

impl ConfirmBulkPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }

    fn which(&self) -> String {
        match self.count {
            None => "all submissions that match".to_owned(),
            Some(1) => "one submission".to_owned(),
            Some(count) => format!("{count} submissions"),
        }
    }

    fn question(&self) -> String {
        let which = self.which();
        match self.act {
            "delete_for_good" => format!("Delete {which} for good?"),
            "trash" => format!("Put {which} into the trash?"),
            "spam" => format!("Say that {which} are spam?"),
            "inbox" => format!("Move {which} to the inbox?"),
            "restore" => format!("Take {which} out of the trash?"),
            _ => format!("Move {which} to the archive?"),
        }
    }

    fn consequence(&self) -> &'static str {
        match self.act {
            "delete_for_good" => {
                "Their answers, files, notes and history are deleted. This cannot be undone."
            }
            "trash" => "They stay in the trash for a while and can be restored from there.",
            "spam" => "The form learns from each of them. Only do this when you looked at them.",
            _ => "You can move them back at any time.",
        }
    }

    fn button(&self) -> &'static str {
        match self.act {
            "delete_for_good" => "Delete for good",
            "trash" => "Put into the trash",
            "spam" => "They are spam",
            "restore" => "Restore",
            _ => "Move",
        }
    }
}
