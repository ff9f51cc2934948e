//! Where a job stands, and what became of a try.

macro_rules! names {
    ($(#[$meta:meta])* $enum:ident { $($(#[$variant_meta:meta])* $variant:ident $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $enum { $($(#[$variant_meta])* $variant,)+ }

        impl $enum {
            /// All.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The one of this name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == text)
            }
        }
    };
}

names! {
    /// Where a job stands.
    JobState {
        /// Waits for its lane's turn.
        Ready "ready",
        /// Waits for a time.
        Later "later",
        /// A node is at it.
        Running "running",
        /// Succeeded.
        Done "done",
        /// Failed for good.
        Dead "dead",
        /// Somebody called it off.
        Cancelled "cancelled",
    }
}

names! {
    /// What became of a try.
    TryOutcome {
        /// It succeeded.
        Done "done",
        /// It failed; there will be another.
        Retry "retry",
        /// It failed, and was the last.
        Dead "dead",
        /// The node that was at it is gone; whether it had an effect is not known.
        Lost "lost",
        /// The node stopped and gave the job back.
        HandedBack "handed_back",
    }
}

impl JobState {
    /// Whether nothing happens any more unless somebody asks for it.
    #[must_use]
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }
}
