//! What the index is asked for: everything of a filter that it knows of. It may give more than the
//! filter lets through, and never less.

use std::collections::BTreeMap;

use formhold_domain::search::{FieldTest, SearchPhrase, equality_key, number_key, place_key};

use crate::inbox::InboxFilter;

/// What a submission must have to be found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(super) place: i64,
    pub(super) phrases: Vec<SearchPhrase>,
    pub(super) equalities: Vec<i64>,
    pub(super) ranges: Vec<NumberRange>,
}

/// Numbers of a field, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NumberRange {
    pub(super) key: i64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Wanted {
    pub(crate) fn of(filter: &InboxFilter) -> Self {
        let form_id = filter.form_id;
        let mut wanted = Self {
            place: place_key(form_id, filter.state),
            phrases: filter.text.iter().flat_map(|text| text.phrases().to_vec()).collect(),
            equalities: Vec::new(),
            ranges: Vec::new(),
        };
        // The biggest numbers there are stand for no end: the databases know no infinity.
        let (lowest, highest) = (f64::MIN, f64::MAX);
        let mut ranges: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
        for field in &filter.fields {
            let mut narrow = |scalar: formhold_domain::Scalar, least: f64, most: f64| {
                let key = number_key(form_id, &field.field, scalar);
                let range = ranges.entry(key).or_insert((lowest, highest));
                *range = (range.0.max(least), range.1.min(most));
            };
            match &field.test {
                FieldTest::Equals(value) | FieldTest::Option(value) => {
                    wanted.equalities.push(equality_key(form_id, &field.field, value));
                }
                FieldTest::AtLeast(least) => narrow(*least, least.index_number(), highest),
                FieldTest::AtMost(most) => narrow(*most, lowest, most.index_number()),
                FieldTest::Is(number) => {
                    narrow(*number, number.index_number(), number.index_number());
                }
                FieldTest::Contains(phrase) => wanted.phrases.push(phrase.clone()),
                FieldTest::Given(_) => {}
            }
        }
        let range = |(key, (least, most))| NumberRange { key, least, most };
        wanted.ranges = ranges.into_iter().map(range).collect();
        wanted
    }

    /// Whether nothing but beginnings of words is known: many words may begin so.
    pub(crate) fn needs_prefixes(&self) -> bool {
        self.equalities.is_empty() && self.whole_words().next().is_none()
    }

    /// Whether the index of words knows anything of it.
    pub(crate) fn has_words(&self) -> bool {
        !self.equalities.is_empty() || !self.phrases.is_empty()
    }

    pub(super) fn whole_words(&self) -> impl Iterator<Item = &String> {
        self.phrases.iter().flat_map(SearchPhrase::whole_words)
    }
}
