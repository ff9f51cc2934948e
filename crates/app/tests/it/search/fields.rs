//! Filters on single fields, by their type.

use formhold_domain::FieldType;
use formhold_service::submissions::search;
use formhold_store::{InboxFilter, InboxOrder};
use formhold_testkit::on_both_stacks;
use serde_json::json;

use super::{by_fields, found, index, looking_for, submit};

on_both_stacks! {
    async fn fields_are_filtered_by_their_type_and_together_with_words(app: TestApp) {
        let form = app.form(json!({ "slug": "order", "fields": [
            { "name": "amount", "type": "integer" },
            { "name": "price", "type": "number" },
            { "name": "day", "type": "date" },
            { "name": "email", "type": "email" },
            { "name": "note", "type": "textarea" },
            { "name": "color", "type": "checkboxes", "options": ["red", "blue"] },
            { "name": "terms", "type": "consent" },
        ] })).await;
        let ids = submit(&app, "order", &[
            &[("amount", "5"), ("price", "1.5"), ("day", "2026-01-01"), ("email", "ann@example.org"), ("color", "red"), ("note", "big box")],
            &[("amount", "50"), ("price", "15"), ("day", "2026-02-01"), ("email", "bob@example.org"), ("color", "red"), ("color", "blue"), ("terms", "on")],
            &[("amount", "9007199254740993"), ("price", "-3"), ("day", "2026-03-01"), ("email", "ANN@example.org"), ("note", "box, small")],
        ]).await;
        index(&app).await;
        for (filters, expected) in [
            (&[("field.amount", "50")][..], &[1][..]),
            (&[("field.amount__gte", "50")], &[2, 1]),
            (&[("field.amount__gte", "6"), ("field.amount__lte", "60")], &[1]),
            (&[("field.amount", "9007199254740992")], &[2]),
            (&[("field.price__lte", "1.5")], &[2, 0]),
            (&[("field.price", "15.0")], &[1]),
            (&[("field.day__gte", "2026-01-15"), ("field.day__lte", "2026-02-15")], &[1]),
            (&[("field.email", "Ann@Example.ORG")], &[2, 0]),
            (&[("field.email__contains", "ann")], &[2, 0]),
            (&[("field.color", "red")], &[1, 0]),
            (&[("field.color", "blue"), ("field.color", "red")], &[1]),
            (&[("field.terms", "true")], &[1]),
            (&[("field.terms", "false")], &[2, 0]),
            (&[("field.note__contains", "box small")], &[2]),
            (&[("field.note__contains", "bo*")], &[2, 0]),
            (&[("field.email", "ann@example.org"), ("field.price__gte", "0")], &[0]),
        ] {
            let wanted: Vec<_> = expected.iter().map(|index| ids[*index]).collect();
            let filter = by_fields(&form, filters);
            assert_eq!(found(&app, &filter).await, wanted, "{filters:?}");
            let oldest_first = InboxFilter { order: InboxOrder::Oldest, ..filter.clone() };
            let reversed: Vec<_> = wanted.iter().rev().copied().collect();
            assert_eq!(found(&app, &oldest_first).await, reversed, "{filters:?}");
            let with_word = InboxFilter { text: looking_for(form.identity.id, "ann").text, ..filter };
            let with_word = found(&app, &with_word).await;
            let expected: Vec<_> = wanted.into_iter().filter(|id| *id != ids[1]).collect();
            assert_eq!(with_word, expected, "{filters:?}");
        }
        let problems = search::parse_fields(&form, [("field.nope", "1"), ("field.amount", "x"), ("field.day__gte", "2026-01-01")])
            .expect_err("two problems");
        let named: Vec<_> = problems.iter().map(|problem| problem.parameter.as_str()).collect();
        assert_eq!(named, ["field.nope", "field.amount"]);
        assert_eq!(form.fields[0].definition.kind, FieldType::Integer);
    }
}
