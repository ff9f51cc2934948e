//! A definition as text: TOML or JSON.

use super::{DefinitionProblem, FormDefinition};

/// How a definition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// TOML 1.0.
    Toml,
    /// JSON.
    Json,
}

impl FormDefinition {
    /// Reads a definition; whether it makes sense is found out when it is compiled.
    ///
    /// # Errors
    /// What is wrong, and on which line.
    pub fn read(text: &str, notation: Notation) -> Result<Self, DefinitionProblem> {
        let (line, message) = match notation {
            Notation::Json => match serde_json::from_str(text) {
                Ok(form) => return Ok(form),
                Err(error) => {
                    let message = error.to_string();
                    let end = message.rfind(" at line ").unwrap_or(message.len());
                    (error.line(), message[..end].to_owned())
                }
            },
            Notation::Toml => match toml::from_str(text) {
                Ok(form) => return Ok(form),
                Err(error) => {
                    let start = error.span().map_or(0, |span| span.start).min(text.len());
                    let before = text.as_bytes()[..start].iter();
                    (before.filter(|byte| **byte == b'\n').count() + 1, error.message().to_owned())
                }
            },
        };
        Err(DefinitionProblem { place: format!("line {line}"), message })
    }

    /// The definition as it can be read again.
    #[must_use]
    pub fn write(&self, notation: Notation) -> String {
        // Numbers beyond those of TOML are in no definition that was read from it; JSON has them.
        match notation {
            Notation::Toml => toml::to_string_pretty(self).unwrap_or_else(|_| self.json()),
            Notation::Json => self.json(),
        }
    }

    fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::{FormDefinition, Notation};

    #[test]
    fn a_definition_is_read_as_it_was_written() {
        let text = "name = \"A\"\nslug = \"a\"\nmax_submissions = 3\n[limits]\nmax_files = 0\n[[fields]]\nname = \"b\"\ntype = \"select\"\noptions = [\"x\", { value = \"y\", label = \"Y\" }]\nshown_if = { field = \"c\", any_of = [\"1\"] }\n[[fields]]\nname = \"c\"\ntype = \"number\"\nmin = 1.5\n";
        let form = FormDefinition::read(text, Notation::Toml).expect("a definition");
        for notation in [Notation::Toml, Notation::Json] {
            let again = FormDefinition::read(&form.write(notation), notation).expect("read again");
            assert_eq!(again, form);
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, notation, place, message) in [
            (
                "name = 'A'\nslug = 'a'\nnonsense = 1\n",
                Notation::Toml,
                "line 3",
                "unknown field `nonsense`",
            ),
            ("name = 'A'\nslug = \n", Notation::Toml, "line 2", ""),
            ("{\"name\": \"A\",\n\"slug\": \"a b\"}", Notation::Json, "line 2", "`a b` is no slug"),
        ] {
            let problem = FormDefinition::read(text, notation).expect_err("a mistake");
            assert_eq!(problem.place, place, "{problem}");
            assert!(problem.message.contains(message), "{problem}");
        }
    }
}
