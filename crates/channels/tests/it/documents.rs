//! What the documents say of channels is what the program says.

use formhold_channels::ALL;

#[test]
fn the_document_has_every_channel_with_every_field() {
    let document = include_str!("../../../../docs/CHANNELS.md");
    let table =
        document.split("<!-- fields -->").nth(1).expect("the table stands between its marks");
    let mut expected = String::from("\n| channel | field | |\n| --- | --- | --- |\n");
    for about in ALL.iter().map(|channel| channel.about()) {
        for field in about.fields.iter().filter(|field| !field.is_own) {
            let needed = if field.is_required { ", needed" } else { "" };
            let secret = if field.is_secret { ", secret" } else { "" };
            let (channel, name, help) = (about.name, field.name, field.help);
            expected.push_str(&format!("| `{channel}` | `{name}`{needed}{secret} | {help} |\n"));
        }
    }
    assert_eq!(table, expected);
}
