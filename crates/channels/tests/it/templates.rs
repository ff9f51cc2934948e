//! Templates: what they see, what they may, and what ours look like.

use std::time::{Duration, Instant};

use formhold_channels::templates::{
    Facts, MAX_SOURCE_BYTES, Part, Purpose, Template, TemplateProblem, check, default_template,
};
use formhold_domain::Language;

use crate::support::message;

fn html(source: &str, facts: &Facts) -> Result<String, TemplateProblem> {
    let whole = Template { subject: "", text: "", html: source }.write(facts)?;
    let body =
        whole.html.split_once("<div class=\"card\" role=\"article\">").expect("the layout").1;
    Ok(body.rsplit_once("</div>").expect("the layout").0.trim().to_owned())
}

fn facts_with(value: &str) -> Facts {
    let mut message = message();
    message.answers[0].values = vec![value.to_owned()];
    Facts::of(&message)
}

#[test]
fn what_a_value_says_is_neither_template_nor_html() {
    let facts = facts_with("{{ 7*7 }}{% for x in y %}<script>alert('1')</script>&\"");
    let written = "{{ 7*7 }}{% for x in y %}&lt;script&gt;alert(&#x27;1&#x27;)&lt;&#x2f;script&gt;&amp;&quot;";
    for source in [
        "{{ answer.name }}",
        "{{ answers[0].value }}",
        "{{ answers[0]['values'][0] }}",
        "{% set x = answer.name %}{{ x }}",
        "{% for answer in answers[:1] %}{{ answer.value }}{% endfor %}",
        "{{ answer.name|e }}",
        "{{ answer.nobody|default(answer.name) }}",
        "{{ answer.nobody or answer.name }}",
    ] {
        assert_eq!(html(source, &facts).expect(source), written, "{source}");
    }
    for source in [
        "{{ answer.name ~ '<b>'|e }}",
        "{{ '<b>'|e ~ answer.name }}",
        "{{ answer.name|e|replace('&lt;', '<') }}",
        "{{ answer.name|replace('x', '<b>'|e) }}",
        "{{ answers[0]['values']|join('<i>'|e) }}",
        "{{ answer.name|upper }}",
        "{{ answer.name|first ~ answer.name }}",
    ] {
        let written = html(source, &facts).expect(source).to_lowercase();
        assert!(!written.contains("<script") && written.contains("script"), "{source}: {written}");
    }
    let whole = Template { subject: "{{ answer.name }}", text: "{{ answer.name }}", html: "" };
    let whole = whole.write(&facts).expect("it works");
    assert_eq!(whole.text, facts.answer["name"], "text is text");
}

#[test]
fn nothing_lets_a_value_into_html_as_it_is() {
    for source in [
        "{{ answer.name|safe }}",
        "{% autoescape false %}{{ answer.name }}{% endautoescape %}",
        "{% filter safe %}{{ answer.name }}{% endfilter %}",
        "{{ debug() }}",
        "{{ answer|pprint }}",
        "{{ answers }}",
        "{{ answer }}",
    ] {
        assert!(check(Part::Html, source).is_err(), "{source}");
    }
}

#[test]
fn mistakes_are_told_with_their_line() {
    let table = [
        ("a\nb {{ c\nd", 3),
        ("{% if a %}\n\n{% endfor %}", 3),
        ("one\ntwo\nthree {{ name|nothing }}", 3),
        ("\n{% include 'other' %}", 2),
        ("\n\n{% import 'other' as o %}", 3),
        ("{% extends 'other' %}", 1),
        ("{% macro m() %}{% endmacro %}", 1),
        ("x\n{{ answer.name() }}", 2),
        ("{{ 1 // 0 }}", 1),
    ];
    for (source, expected) in table {
        match check(Part::Text, source) {
            Err(TemplateProblem::Wrong { part: Part::Text, line, message }) => {
                assert_eq!(line, expected, "{source}: {message}");
                assert!(!message.is_empty() && !message.contains('\n'), "{message}");
            }
            other => panic!("{source}: {other:?}"),
        }
    }
    assert_eq!(check(Part::Text, &"x".repeat(MAX_SOURCE_BYTES + 1)), Err(TemplateProblem::TooLong));
}

#[test]
fn what_is_not_there_is_nothing() {
    let facts = facts_with("x");
    assert_eq!(html("[{{ answer.nobody }}{{ nothing.at.all }}]", &facts).expect("it works"), "[]");
}

#[test]
fn bombs_are_stopped_soon() {
    let doubling = "{% set x = 'xxxxxxxxxxxxxxxx' %}".to_owned()
        + &"{% set x = x ~ x %}".repeat(60)
        + "{{ x }}";
    let of_large = "{% set x = answer.name ~ answer.name %}".to_owned()
        + &"{% set x = x|replace('x', x) %}".repeat(20);
    let chain = |piece: &str| format!("{{{{ a{} }}}}", piece.repeat(20_000));
    let nested = |before: &str, after: &str, count| {
        format!("{}{}", before.repeat(count), after.repeat(count))
    };
    let bombs = [
        "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}".to_owned(),
        "{{ 'x' * 10000000000 }}".to_owned(),
        "{{ ([answers] * 100000000) ~ '' }}".to_owned(),
        "{% set x = (answer.name, answer.name) %}{{ x }}".to_owned(),
        "{% for t in ((answers, answers),) %}{{ t }}{% endfor %}".to_owned(),
        "{{ {'a': answers} }}".to_owned(),
        "{{ answers|map(attribute='x', default=answers)|join }}".to_owned(),
        "{{ 'x'|center(10000000000) }}".to_owned(),
        "{{ '%1000000000s'|format('x') }}".to_owned(),
        "{% for x in answers recursive %}{{ loop(answers) }}{% endfor %}".to_owned(),
        "{% set n = namespace(x='xx') %}{% set n.x = n.x ~ n.x %}".to_owned(),
        "{% with x = answers %}{{ x[0].value }}{% endwith %}".to_owned(),
        "{% set x %}{{ answer.name }}{% endset %}".to_owned(),
        "{{ 10 ** 10 ** 10 }}".to_owned(),
        chain("~a"),
        chain("|e"),
        chain(".a"),
        chain("[0]"),
        chain(" if a else a"),
        chain(" and a"),
        format!("{{{{ {}a }}}}", "not ".repeat(10_000)),
        format!("{{{{ {}a }}}}", "-".repeat(20_000)),
        format!("{{{{ {}1{} }}}}", "(".repeat(20_000), ")".repeat(20_000)),
        format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(4_000)),
        nested("{% if 1 %}", "{% endif %}", 3_000),
        nested("{% for a in answers %}", "{% endfor %}", 140),
        doubling,
        of_large,
    ];
    let large = facts_with(&"x".repeat(90_000));
    for bomb in bombs {
        let start: String = bomb.chars().take(60).collect();
        let started = Instant::now();
        assert!(check(Part::Html, &bomb).is_err() || html(&bomb, &large).is_err(), "{start}");
        assert!(started.elapsed() < Duration::from_secs(5), "{start}");
    }
    // Written often, a large value is stopped by the size of what comes out.
    let often = "{{ answer.name }}".repeat(100);
    assert_eq!(html(&often, &large), Err(TemplateProblem::TooLarge(Part::Html)));
}

#[test]
fn the_largest_submission_is_still_a_mail() {
    let mut message = message();
    let answer = message.answers[0].clone();
    message.answers = (0..200).map(|_| answer.clone()).collect();
    for answer in &mut message.answers {
        answer.values = vec!["<&ä>\n".repeat(2_000); 2];
    }
    for purpose in [Purpose::Owner, Purpose::Confirmation] {
        for language in Language::all() {
            message.language = language;
            let written = default_template(purpose, language).write(&Facts::of(&message));
            let written = written.expect("it works");
            assert!(written.html.len() > 1_000 && written.text.len() < 600_000);
        }
    }
}

#[test]
fn a_subject_is_one_line() {
    let source = Template { subject: "a\r\nBcc: {{ answer.name }}\n\n b", text: "", html: "" };
    let written = source.write(&facts_with("x\r\ny\u{2028}z")).expect("it works");
    assert_eq!(written.subject, "a Bcc: x y z b");
}

#[test]
fn our_templates_tell_what_came_in_both_languages() {
    let mut message = message();
    message.unsubscribe_link = Some("https://forms.example.org/no-more?a=1&b=2".to_owned());
    for (tag, open, subject) in [
        ("en", "Open the submission", "New submission: Contact"),
        ("de", "Einsendung öffnen", "Neue Einsendung: Contact"),
    ] {
        message.language = Language::parse(tag).expect("it is known");
        let facts = Facts::of(&message);
        let written = default_template(Purpose::Owner, message.language).write(&facts);
        let written = written.expect("it works");
        assert_eq!(written.subject, subject);
        for part in [&written.text, &written.html] {
            for expected in ["Contact", "Your name", "Ada", "Colours", "plan.pdf", open] {
                assert!(part.contains(expected), "{tag}: {expected} in {part}");
            }
        }
        assert!(written.text.contains("\nColours:\nred\ngreen\n"), "{}", written.text);
        assert!(!written.text.contains("\n\n\n"), "{}", written.text);
        assert!(written.text.contains("no-more?a=1&b=2"));
        assert!(written.html.contains(&format!("<html lang=\"{tag}\">")));
        assert!(written.html.contains("prefers-color-scheme: dark"));
    }
}

#[test]
fn a_confirmation_repeats_nothing_that_was_submitted() {
    let mut message = message();
    message.submission.subject = Some("BUY".to_owned());
    message.submission.from_name = Some("BUY".to_owned());
    message.submission.page = Some("https://buy.example/BUY".to_owned());
    message.answers[0].values = vec!["BUY".to_owned()];
    message.files[0].name = "BUY.pdf".to_owned();
    for language in Language::all() {
        let written = default_template(Purpose::Confirmation, language).write(&Facts::of(&message));
        let written = written.expect("it works");
        let all = [written.subject, written.text, written.html].concat();
        assert!(all.contains("Contact") && !all.contains("BUY"), "{all}");
    }
}

#[test]
fn a_whole_document_is_taken_as_it_is() {
    let source = "<!DOCTYPE html><html><body>{{ answer.name }}</body></html>";
    let written = Template { subject: "", text: "", html: source }.write(&facts_with("<b>"));
    let expected = "<!DOCTYPE html><html><body>&lt;b&gt;</body></html>";
    assert_eq!(written.expect("it works").html, expected);
}
