//! What a page says and keeps when a submission was not accepted.

use std::collections::HashSet;

use formhold_domain::Language;
use serde_json::json;

use super::{answers, english, every_type, form, rejected, tag, values, wrong_answers};

#[test]
fn every_problem_is_tied_to_its_field() {
    let form = every_type();
    let filled = rejected(&form, wrong_answers());
    let html = english(&form, Some(&filled));
    let ids: Vec<_> = values(&html, "id");
    let unique: HashSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "ids repeat: {ids:?}");
    for described_by in values(&html, "aria-describedby") {
        for id in described_by.split(' ') {
            assert!(ids.contains(&id), "{id} is not there");
        }
    }
    let described: Vec<_> =
        values(&html, "aria-describedby").iter().flat_map(|ids| ids.split(' ')).collect();
    for (index, field) in form.fields.iter().enumerate() {
        let name = &field.definition.name;
        let Some(wrong) = filled.problems.iter().find(|problem| problem.field == *name) else {
            continue;
        };
        let problem_id = format!("f-{index}-problem");
        assert!(described.contains(&problem_id.as_str()), "{name}");
        assert!(html.contains(&format!("href=\"#f-{index}\">{name}</a>")), "{name}");
        assert!(ids.contains(&format!("f-{index}").as_str()), "{name}");
        let described_field = tag(&html, &problem_id);
        assert!(described_field.contains("aria-invalid=\"true\"") || name == "checkboxes");
        let message = wrong.problem.message(Language::default());
        assert!(html.contains(&format!("id=\"{problem_id}\">{message}")), "{name}");
    }
    assert!(tag(&html, "name=\"checkboxes\"").contains("aria-invalid=\"true\""));
    assert!(html.contains("<title>Error: Sample</title>"));
    assert!(tag(&html, "autofocus").contains("name=\"text\""));
    assert_eq!(html.matches("autofocus").count(), 1);
    assert!(html.contains("class=\"summary\" role=\"alert\""));
    assert!(html.contains(&format!("{} answers need another look:", filled.problems.len())));
}

#[test]
fn what_was_entered_is_kept() {
    let form = every_type();
    let mut filled = rejected(&form, wrong_answers());
    filled.controls.push(("_next".to_owned(), "/done".to_owned()));
    let html = english(&form, Some(&filled));
    assert!(tag(&html, "name=\"email\"").contains("value=\"ada@\""));
    assert!(html.contains(">\n\nkept</textarea>"), "the parser drops the first line break");
    assert!(tag(&html, "value=\"p\"").contains("checked"));
    assert!(tag(&html, "value=\"y\"").contains("checked"));
    assert!(!tag(&html, "name=\"consent\"").contains("checked"));
    assert!(tag(&html, "name=\"hidden\"").contains("value=\"kept too\""));
    assert!(
        tag(&html, "name=\"_next\"").contains("type=\"hidden\" name=\"_next\" value=\"/done\"")
    );
    assert!(
        tag(&html, "name=\"extra\"")
            .contains("type=\"hidden\" name=\"extra\" value=\"kept apart\"")
    );
    for entered in ["“many”", "“31.12.2026”", "“noon”", "“now”", "“c”", "“9”"]
    {
        assert!(html.contains(&format!("You entered {entered}.")), "{entered}");
    }
    assert_eq!(html.matches("Please choose the files again").count(), 2);
}

#[test]
fn undeclared_answers_are_not_sent_again_to_a_form_that_refuses_them() {
    let strict = form(json!({
        "name": "Strict", "slug": "strict", "undeclared": "refuse",
        "fields": [{ "name": "a", "type": "text" }]
    }));
    let filled = rejected(&strict, answers(json!([["a", "kept"], ["b", "gone"]])));
    let html = english(&strict, Some(&filled));
    assert!(html.contains("value=\"kept\""));
    assert!(!html.contains("name=\"b\""));
    assert!(
        html.contains("b<span class=\"message\">This form has no such field.</span>"),
        "{html}"
    );
}
