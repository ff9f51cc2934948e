//! Who has been silent for too long.
//!
//! A holder counts up while it is at a job. Who sees the same count for a whole lease, by a clock that
//! never jumps, knows that the holder is silent; nobody's time of day plays a part.

use std::{collections::HashMap, time::Duration};

use formhold_domain::JobId;
use formhold_service::jobs::Beat;

/// Signs of life as they were first seen.
#[derive(Default)]
pub(crate) struct Silence {
    seen: HashMap<JobId, (Beat, Duration)>,
}

impl Silence {
    /// Takes a look at what runs; `now` is a time that never jumps. Gives those whose lease is over.
    pub(crate) fn look(&mut self, beats: &[Beat], now: Duration) -> Vec<Beat> {
        let mut seen = HashMap::with_capacity(beats.len());
        let mut silent = Vec::new();
        for beat in beats {
            let before = self.seen.get(&beat.claim.job_id).filter(|(known, _)| known == beat);
            let since = before.map_or(now, |(_, since)| *since);
            // The lease of an unknown kind is another program's business.
            if beat.kind.is_some_and(|kind| now.saturating_sub(since) >= kind.rules().lease) {
                silent.push(*beat);
            }
            seen.insert(beat.claim.job_id, (*beat, since));
        }
        self.seen = seen;
        silent
    }
}

#[cfg(test)]
mod tests {
    use formhold_domain::{Ids as _, RandomIds, job::JobKind};
    use formhold_service::jobs::Claim;

    use super::*;

    fn beat(job_id: JobId, beats: i64) -> Beat {
        Beat { claim: Claim { job_id, fence: 1 }, kind: Some(JobKind::Letter), beats }
    }

    #[test]
    fn only_who_says_nothing_for_a_whole_lease_is_silent() {
        let (one, two) = (JobId(RandomIds.uuid()), JobId(RandomIds.uuid()));
        let lease = JobKind::Letter.rules().lease;
        let mut silence = Silence::default();
        assert!(
            silence.look(&[beat(one, 1), beat(two, 1)], Duration::from_secs(1000)).is_empty(),
            "nobody at the first look"
        );
        let almost = Duration::from_secs(999) + lease;
        assert!(silence.look(&[beat(one, 1), beat(two, 2)], almost).is_empty());
        let over = Duration::from_secs(1000) + lease;
        assert_eq!(silence.look(&[beat(one, 1), beat(two, 2)], over), [beat(one, 1)]);
        let unknown = Beat { kind: None, ..beat(one, 1) };
        let mut silence = Silence::default();
        silence.look(&[unknown], Duration::ZERO);
        assert!(silence.look(&[unknown], lease * 100).is_empty());
    }
}
