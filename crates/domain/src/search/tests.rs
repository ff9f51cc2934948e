use rstest::rstest;
use serde_json::json;
use uuid::Uuid;

use super::{FieldFilter, SearchDocument, SearchQuery, hits, words};
use crate::{
    Answers, CompiledForm, Context, FormDefinition, FormId, FormKey, Identity, Submission,
    SubmissionId, SubmissionState,
};

fn submission(answers: &[(&str, &str)]) -> Submission {
    let pairs = answers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Submission {
        id: SubmissionId(Uuid::from_u128(1)),
        form_id: FormId(Uuid::from_u128(2)),
        form_version: 1,
        state: SubmissionState::Inbox,
        received_at_ms: 0,
        answers: pairs.collect(),
        undeclared: Answers::default(),
        context: Context::default(),
        uploads: Vec::new(),
    }
}

fn finds(text: &str, query: &str) -> bool {
    let query = SearchQuery::parse(query).expect("a query").expect("words");
    query.matches([text].into_iter())
}

fn form() -> CompiledForm {
    let definition: FormDefinition = serde_json::from_value(json!({
        "name": "Order", "slug": "order", "fields": [
            { "name": "age", "type": "integer" },
            { "name": "price", "type": "number" },
            { "name": "day", "type": "date" },
            { "name": "email", "type": "email" },
            { "name": "note", "type": "textarea" },
            { "name": "color", "type": "checkboxes", "options": ["red", "blue"] },
            { "name": "terms", "type": "consent" },
            { "name": "cv", "type": "file" },
            { "name": "odd__gte", "type": "text" },
        ],
    }))
    .expect("a definition");
    let identity = Identity {
        id: FormId(Uuid::from_u128(2)),
        key: FormKey::parse("abcdefghij").expect("a key"),
        version: 1,
    };
    CompiledForm::compile(identity, definition).expect("a form")
}

#[rstest]
#[case("Crème brûlée", "creme")]
#[case("CRÈME", "crème")]
#[case("Straße 7", "STRASSE")]
#[case("Smørrebrød", "smorrebrod")]
#[case("İstanbul", "istanbul")]
#[case("e\u{301}lan", "elan")]
#[case("ann@example.org", "ann@example.org")]
#[case("ann@example.org", "example.org")]
#[case("O'Neil", "o'neil")]
#[case("the quick brown fox", "\"quick brown\"")]
#[case("the quick brown fox", "“quick brown”")]
#[case("the quick brown fox", "fox the")]
#[case("the quick brown fox", "\"quick bro\"*")]
#[case("the quick brown fox", "qui* f*")]
#[case("a to be or", "to a")]
#[case("東京都港区", "東京")]
#[case("東京都港区", "港区")]
#[case("сборник", "СБОРНИК")]
#[case("ภาษาไทย", "ไทย")]
#[case("AND OR NOT NEAR", "and or not near")]
#[case("x-ray", "x-ray")]
#[case("ＡＢＣ１２", "abc12")]
fn what_people_write_is_found(#[case] text: &str, #[case] query: &str) {
    assert!(finds(text, query), "{query} in {text}");
}

#[rstest]
#[case("the quick brown fox", "\"brown quick\"")]
#[case("the quick brown fox", "quic")]
#[case("the quick brown fox", "quick slow")]
#[case("東京都港区", "京東")]
#[case("ann@example.org", "ann@example.com")]
fn what_is_not_there_is_not_found(#[case] text: &str, #[case] query: &str) {
    assert!(!finds(text, query), "{query} in {text}");
}

#[test]
fn a_phrase_does_not_go_on_in_the_next_field() {
    let query = SearchQuery::parse("\"one two\"").expect("a query").expect("words");
    assert!(!query.matches(["one", "two"].into_iter()));
    let query = SearchQuery::parse("one two").expect("a query").expect("words");
    assert!(query.matches(["one", "two"].into_iter()), "words may be anywhere");
}

#[test]
fn what_cannot_be_looked_for_is_refused() {
    assert_eq!(SearchQuery::parse("  "), Ok(None));
    for (text, said) in [
        ("***", "has no letters or digits to look for"),
        ("\"\"", "has no letters or digits to look for"),
        ("-- ; \u{0}", "has no letters or digits to look for"),
        ("a b c d e f g h i j k l m n o p q", "must not have more than 16 words"),
        (&"x".repeat(501), "must not have more than 500 bytes"),
    ] {
        assert_eq!(SearchQuery::parse(text), Err(said.to_owned()), "{text}");
    }
}

#[test]
fn words_know_where_they_stand() {
    let text = "Ça va, 東京 — e\u{301}!";
    let found: Vec<_> = words(text).iter().map(|word| &text[word.start..word.end]).collect();
    assert_eq!(found, ["Ça", "va", "東", "京", "e\u{301}"]);
    let long = "ä".repeat(100);
    assert_eq!(words(&long)[0].folded.len(), super::MAX_WORD_BYTES);
    assert!(finds(&long, &long));
}

#[test]
fn hits_are_marked_in_a_snippet() {
    let long = format!("{} the Néedle is <b>here</b> {}", "hay ".repeat(60), "straw ".repeat(60));
    let submission = submission(&[("name", "Ann"), ("text", &long)]);
    let query = SearchQuery::parse("needle here").expect("a query").expect("words");
    let found = hits(&query, &submission, 5);
    assert_eq!((found.len(), found[0].field.as_str()), (1, "text"));
    let marked: Vec<_> =
        found[0].segments.iter().filter(|it| it.is_hit).map(|it| it.text.as_str()).collect();
    assert_eq!(marked, ["Néedle", "here"]);
    let whole: String = found[0].segments.iter().map(|it| it.text.as_str()).collect();
    assert!(whole.starts_with("…hay ") && whole.ends_with('…'), "{whole}");
    assert!(whole.len() < 260 && whole.contains("<b>here</b>"), "{whole}");
}

#[rstest]
#[case("field.age", "42", true)]
#[case("field.age", "42.0", true)]
#[case("field.age", "43", false)]
#[case("field.age__gte", "41.5", true)]
#[case("field.age__lte", "41.5", false)]
#[case("field.age__gte", "-1", true)]
#[case("field.price__lte", "1e3", true)]
#[case("field.price__gte", "1e3", false)]
#[case("field.day__gte", "2026-05-04", true)]
#[case("field.day__lte", "2026-05-03", false)]
#[case("field.email", " ANN@Example.org ", true)]
#[case("field.email__contains", "example.org", true)]
#[case("field.email__contains", "xample.org", false)]
#[case("field.note__contains", "call back", true)]
#[case("field.note__contains", "back call", false)]
#[case("field.note__contains", "cal*", true)]
#[case("field.color", "red", true)]
#[case("field.color__contains", "blue", false)]
#[case("field.terms", "true", true)]
#[case("field.terms", "false", false)]
#[case("field.odd__gte", "x", true)]
fn fields_are_compared_by_their_type(
    #[case] parameter: &str,
    #[case] value: &str,
    #[case] passes: bool,
) {
    let submission = submission(&[
        ("age", "42"),
        ("price", "99.5"),
        ("day", "2026-05-04"),
        ("email", "ann@example.org"),
        ("note", "Please call back, soon"),
        ("color", "red"),
        ("terms", "0"),
        ("terms", "on"),
        ("odd__gte", "X"),
    ]);
    let filter = FieldFilter::parse(&form(), parameter, value).expect("a filter");
    assert_eq!(filter.passes(&submission), passes);
}

#[rstest]
#[case("field.agee", "42", "names no field of this form: `agee` is none of age, price")]
#[case("field.age", "old", "must be a number like 42 or -1.5, not `old`")]
#[case("field.age__gte", "NaN", "must be a number")]
#[case("field.day", "1.1.2026", "must be a date like 2026-12-31")]
#[case("field.email__gte", "a", "cannot be asked of a field of type email")]
#[case("field.age__contains", "4", "cannot be asked of a field of type integer")]
#[case("field.color", "green", "has no option `green`")]
#[case("field.terms", "perhaps", "must be true or false")]
#[case("field.cv", "a.pdf", "use __contains for its name")]
#[case("field.", "x", "is no filter")]
#[case("field.note__contains", "%_'", "has no letters or digits")]
fn filters_that_make_no_sense_are_refused(
    #[case] parameter: &str,
    #[case] value: &str,
    #[case] said: &str,
) {
    let refused = FieldFilter::parse(&form(), parameter, value).expect_err("refused");
    assert!(refused.contains(said), "{refused}");
}

#[test]
fn the_index_knows_words_values_and_numbers() {
    let document = SearchDocument::of(&submission(&[("age", "42"), ("note", "Call, call!")]));
    assert_eq!(document.texts, [vec!["42"], vec!["call", "call"]]);
    assert_eq!(document.equalities.len(), 2);
    assert_eq!(document.numbers.len(), 1);
    assert!((document.numbers[0].number - 42.0).abs() < f64::EPSILON);
}
