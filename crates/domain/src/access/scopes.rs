//! What an API token may be used for.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One thing that a token may be used for. It never gives more than its owner's roles do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "`sentence` says what each allows")]
pub enum Scope {
    FormsRead,
    FormsWrite,
    SubmissionsRead,
    SubmissionsWrite,
    SubmissionsForward,
    ExportsRead,
    UsersRead,
    UsersWrite,
    SystemRead,
}

impl Scope {
    /// All, in the order in which people see them.
    pub const ALL: [Self; 9] = [
        Self::FormsRead,
        Self::FormsWrite,
        Self::SubmissionsRead,
        Self::SubmissionsWrite,
        Self::SubmissionsForward,
        Self::ExportsRead,
        Self::UsersRead,
        Self::UsersWrite,
        Self::SystemRead,
    ];

    /// The scope's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FormsRead => "forms:read",
            Self::FormsWrite => "forms:write",
            Self::SubmissionsRead => "submissions:read",
            Self::SubmissionsWrite => "submissions:write",
            Self::SubmissionsForward => "submissions:forward",
            Self::ExportsRead => "exports:read",
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
            Self::SystemRead => "system:read",
        }
    }

    /// What it allows, in a sentence for who makes a token.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::FormsRead => "See forms and their definitions.",
            Self::FormsWrite => "Make, change and delete forms.",
            Self::SubmissionsRead => "See what was submitted, with its files.",
            Self::SubmissionsWrite => "Change, move and delete submissions.",
            Self::SubmissionsForward => {
                "Send submissions on behalf of visitors, naming their address."
            }
            Self::ExportsRead => "Export submissions.",
            Self::UsersRead => "See users, workspaces and members.",
            Self::UsersWrite => "Make, change and delete users, workspaces and members.",
            Self::SystemRead => "See health, statistics, jobs and the audit trail.",
        }
    }

    /// The scope of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("there is no scope `{text}`")))
    }
}

/// A set of scopes, in order and without doubles. As text they are separated by spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// A set of these.
    #[must_use]
    pub fn new(mut scopes: Vec<Scope>) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }

    /// The set that a text names; names that are unknown are left out: they allow nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::new(text.split_ascii_whitespace().filter_map(Scope::parse).collect())
    }

    /// Whether the scope is one of them.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Scope::as_str).collect();
        f.write_str(&names.join(" "))
    }
}
