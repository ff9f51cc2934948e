//! The one submission that every phase sends, as a browser would send it.

/// The form's definition, with six fields.
pub(crate) const FORM: &str = include_str!("../form.toml");

/// Where the form takes submissions.
pub(crate) const PATH: &str = "/f/bench";

/// 600 bytes of `application/x-www-form-urlencoded`.
pub(crate) const BODY: &str = "name=Fran%C3%A7oise+Dvo%C5%99%C3%A1k&email=francoise.dvorak%40mail.example\
    &company=Atelier+Nord&phone=%2B49+30+901820&topic=visit&message=Hello,+we+would+like+to+visit\
    +your+workshop+with+a+group+of+twelve+in+May.+Two+of+us+use+a+wheelchair,+so+please+tell+us\
    +whether+all+rooms+can+be+reached+without+stairs.%0D%0A%0D%0AWe+are+interested+in+the+wheel\
    +and+in+glazing,+and+would+bring+our+own+lunch.+Is+there+a+place+where+we+could+eat%3F+And\
    +what+does+the+day+cost+for+a+group%3F%0D%0A%0D%0AWith+kind+regards%0D%0A\
    Fran%C3%A7oise+Dvo%C5%99%C3%A1k,+Atelier+Nord,+second+floor,+in+the+yard+behind+the+gate";

/// The whole request that submits [`BODY`].
pub(crate) fn submission() -> Vec<u8> {
    format!(
        "POST {PATH} HTTP/1.1\r\nHost: forms.example.org\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
         Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
         Origin: https://www.example.org\r\nReferer: https://www.example.org/contact\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    )
    .into_bytes()
}

/// A request that is answered as soon as the server serves at all.
pub(crate) fn livez() -> Vec<u8> {
    b"GET /livez HTTP/1.1\r\nHost: forms.example.org\r\n\r\n".to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_600_bytes_and_six_fields() {
        assert_eq!(BODY.len(), 600);
        assert_eq!(BODY.split('&').count(), 6);
    }
}
