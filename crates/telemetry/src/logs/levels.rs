//! Which lines are written: what the settings say, and changes on top of it that end by themselves.

use std::{str::FromStr as _, time::Duration};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// The most changes that are in force at the same time.
const MAX_CHANGES: usize = 100;

/// A change of the level that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelChange {
    /// The part of the program, as `formhold_store`; none: whatever has no level of its own.
    pub target: Option<String>,
    /// Its level.
    pub level: LevelFilter,
    /// When it ends, on the clock that does not jump.
    pub until: Duration,
}

/// Reads `info` or `warn,formhold_store=debug,access=off`.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn parse_levels(text: &str) -> Result<Targets, String> {
    let wrong = |part: &str| {
        format!(
            "must be a level (error, warn, info, debug, trace, off), or several as in \
             `info,formhold_store=debug`; this is none: `{part}`"
        )
    };
    let mut targets = Targets::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (target, level) = part
            .split_once('=')
            .map_or((None, part), |(target, level)| (Some(target.trim()), level.trim()));
        // `Targets` itself takes any word for the name of a target.
        let level = LevelFilter::from_str(level).map_err(|_| wrong(part))?;
        targets = match target {
            Some(target) if is_target(target) => targets.with_target(target, level),
            Some(_) => return Err(wrong(part)),
            None => targets.with_default(level),
        };
    }
    Ok(targets)
}

fn is_target(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_:".contains(&byte);
    !text.is_empty() && text.len() <= 200 && text.bytes().all(plain)
}

/// What is in force.
pub(super) struct Levels {
    set: Targets,
    changes: Vec<LevelChange>,
}

impl Levels {
    pub(super) fn new(set: Targets) -> Self {
        Self { set, changes: Vec::new() }
    }

    /// Puts a change in place of an older one of the same target.
    pub(super) fn change(&mut self, change: LevelChange) -> Result<(), String> {
        if let Some(target) = &change.target
            && !is_target(target)
        {
            return Err(format!("`{target}` names no part of the program"));
        }
        self.changes.retain(|other| other.target != change.target);
        if self.changes.len() >= MAX_CHANGES {
            return Err(format!("there are {MAX_CHANGES} changes already"));
        }
        self.changes.push(change);
        Ok(())
    }

    /// Takes a change back. Says whether there was one.
    pub(super) fn take_back(&mut self, target: Option<&str>) -> bool {
        let before = self.changes.len();
        self.changes.retain(|change| change.target.as_deref() != target);
        self.changes.len() != before
    }

    /// Forgets what has ended. Says whether something had.
    pub(super) fn expire(&mut self, now: Duration) -> bool {
        let before = self.changes.len();
        self.changes.retain(|change| change.until > now);
        self.changes.len() != before
    }

    /// When something ends next.
    pub(super) fn next_end(&self) -> Option<Duration> {
        self.changes.iter().map(|change| change.until).min()
    }

    pub(super) fn changes(&self) -> Vec<LevelChange> {
        self.changes.clone()
    }

    pub(super) fn in_force(&self) -> Targets {
        self.changes.iter().fold(self.set.clone(), |targets, change| match &change.target {
            Some(target) => targets.with_target(target.clone(), change.level),
            None => targets.with_default(change.level),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn levels_are_read_and_what_is_none_is_named() {
        let targets = parse_levels("warn, formhold_store=debug,access=off").expect("levels");
        assert!(targets.would_enable("formhold_store::writer", &Level::DEBUG));
        assert!(!targets.would_enable("formhold_web", &Level::INFO));
        assert!(!targets.would_enable("access", &Level::ERROR));
        for wrong in
            ["loud", "info,formhold_store=loud", "=debug", "info,a b=debug", "formhold_store"]
        {
            let problem = parse_levels(wrong).expect_err(wrong);
            assert!(problem.contains("must be a level"), "{problem}");
        }
    }

    #[test]
    fn a_change_holds_until_it_ends_and_then_the_settings_are_in_force_again() {
        let second = Duration::from_secs;
        let mut levels = Levels::new(parse_levels("info,formhold_store=error").expect("levels"));
        let change = |target: &str, level, until| LevelChange {
            target: Some(target.to_owned()),
            level,
            until,
        };
        levels.change(change("formhold_store", LevelFilter::TRACE, second(10))).expect("a change");
        levels.change(change("formhold_web", LevelFilter::DEBUG, second(20))).expect("a change");
        assert_eq!(levels.next_end(), Some(second(10)));
        assert!(levels.in_force().would_enable("formhold_store", &Level::TRACE));
        assert!(levels.expire(second(10)));
        assert!(!levels.in_force().would_enable("formhold_store", &Level::WARN));
        assert!(levels.in_force().would_enable("formhold_web", &Level::DEBUG));
        assert!(levels.take_back(Some("formhold_web")));
        assert!(!levels.in_force().would_enable("formhold_web", &Level::DEBUG));
        assert!(levels.change(change("a=trace,b", LevelFilter::TRACE, second(1))).is_err());
    }
}
