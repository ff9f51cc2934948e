//! The checker: compares what clients were told with what is there.

use std::io::Write as _;

use formhold_domain::Submission;

use super::scene::{Scene, Sent, Told};

/// Counts over many kills.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Tally {
    kills: usize,
    ok: usize,
    refused: usize,
    unknown: usize,
    lost: usize,
    duplicate: usize,
    ghost: usize,
}

impl Tally {
    pub(super) fn of_one_kill() -> Self {
        Self { kills: 1, ..Self::default() }
    }

    /// After the restart: counts what was promised and is not there, and what is there and was not
    /// promised.
    pub(super) async fn compare(&mut self, scene: &Scene, sent: &Sent, told: &Told) {
        let rows = scene.rows(&sent.key).await;
        match told {
            Told::Ok(_) => self.ok += 1,
            Told::Refused(_) => self.refused += 1,
            Told::Unknown => self.unknown += 1,
        }
        self.lost += usize::from(matches!(told, Told::Ok(_)) && rows == 0);
        self.ghost += usize::from(matches!(told, Told::Refused(_)) && rows > 0);
        self.duplicate += usize::from(rows > 1);
    }

    /// After everything was sent a second time: each is there once, as the client was told before.
    pub(super) fn check_second_try(
        stored: &[Submission],
        sent: &Sent,
        first: &Told,
        second: &Told,
    ) {
        let of_key =
            |submission: &&Submission| submission.answers.first("key") == Some(sent.key.as_str());
        let found: Vec<_> = stored.iter().filter(of_key).collect();
        assert_eq!(found.len(), 1, "after a second try {} is there once: {second:?}", sent.key);
        let id = found[0].id.to_string();
        assert_eq!(*second, Told::Ok(Some(id.clone())), "{}", sent.key);
        if let Told::Ok(Some(before)) = first {
            assert_eq!(*before, id, "the second try gets the reply of the first");
        }
        let expected: Vec<_> = sent.file.iter().map(|bytes| super::scene::hex(bytes)).collect();
        let hashes: Vec<_> = found[0].uploads.iter().map(|upload| &upload.sha256).collect();
        assert_eq!(hashes, expected.iter().collect::<Vec<_>>(), "its file is there");
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.ok += other.ok;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.lost += other.lost;
        self.duplicate += other.duplicate;
        self.ghost += other.ghost;
    }

    /// Says the numbers and fails unless nothing was lost, doubled or made up.
    pub(super) fn conclude(&self, what: &str) {
        let Self { kills, ok, refused, unknown, lost, duplicate, ghost } = self;
        // Not by a macro: the test runner would swallow it.
        let _ = writeln!(
            std::io::stderr(),
            "{what}: {kills} kills; {ok} ok, {refused} refused, {unknown} unknown; lost {lost}, duplicate {duplicate}, ghost {ghost}"
        );
        assert!(*kills > 0, "{what}: nothing was killed");
        assert_eq!((*lost, *duplicate, *ghost), (0, 0, 0), "{what}: lost, duplicate, ghost");
    }
}
