//! Reads the rights that an entry adds, and `[sandbox]`.

use super::Reader;
use super::values::Values;
use crate::policy::layers::Layer;
use crate::policy::rights::{PLACES, Place, Rights, is_tool, is_variable};
use crate::policy::{Matcher, Outer};

impl Reader<'_> {
    pub(super) fn sandbox(&mut self, values: &Values<'_>, layer: &mut Layer) {
        layer.rustc = self.choice(values, "rustc");
        layer.outer =
            self.boolean_if_there(values, "outer").map(|on| if on { Outer::On } else { Outer::Off });
        layer.unavailable = self.choice(values, "unavailable").map(|word| {
            let span = values.table.get("unavailable").map(|value| value.span()).unwrap_or_default();
            (word, Matcher { span: span.clone(), line: self.line_at(span.start), ..Matcher::default() })
        });
    }

    /// Reads the keys of an `[[allow]]` entry that add rights to those of a confined script.
    pub(super) fn rights(&mut self, values: &Values<'_>) -> Rights {
        let tools = self.names(values, "tools", is_tool, "a program's name, as it is found on PATH");
        let env = self.names(values, "env", is_variable, "a variable's name");
        let read = self.places(values, "read", |_| true);
        // All of the workspace is too much to write to: what is needed has a name.
        let named = |place: &Place| match place {
            Place::Package(_) => true,
            Place::Workspace(path) => path != ".",
            _ => false,
        };
        let write = self.places(values, "write", named);
        let set = self.variables(values, "set");
        let network = self.boolean_if_there(values, "network") == Some(true);
        let unconfined = self.boolean_if_there(values, "confine") == Some(false);
        Rights {
            network: self.reason_of(values, "network", network, "network = true"),
            unconfined: self.reason_of(values, "confine", unconfined, "confine = false"),
            tools,
            read,
            write,
            env,
            set,
        }
    }

    /// Reads the keys of a `[[compile]]` entry that add rights to those of rustc, for macros.
    pub(super) fn rights_of_macros(&mut self, values: &Values<'_>) -> Rights {
        Rights {
            tools: self.names(values, "tools", is_tool, "a program's name, as it is found on PATH"),
            env: self.names(values, "env", is_variable, "a variable's name"),
            read: self.places(values, "read", |place| {
                matches!(place, Place::Package(_) | Place::Workspace(_) | Place::System(_))
            }),
            set: self.variables(values, "set"),
            ..Rights::default()
        }
    }

    fn names(&mut self, values: &Values<'_>, key: &str, is: fn(&str) -> bool, what: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (text, span) in self.spanned_texts(values, key) {
            if is(&text) {
                found.push(text);
            } else {
                self.error(format!("`{key}` holds {what}"), span, "");
            }
        }
        found
    }

    fn places(&mut self, values: &Values<'_>, key: &str, may: fn(&Place) -> bool) -> Vec<Place> {
        let mut found = Vec::new();
        for (text, span) in self.spanned_texts(values, key) {
            match Place::parse(&text) {
                Ok(place) if may(&place) => found.push(place),
                Ok(place) => self.error(
                    format!("`{place}` cannot be granted by `{key}` here"),
                    span,
                    "write `package:PATH` or `workspace:PATH`",
                ),
                Err(message) => self.error(message, span, &format!("write one of {PLACES}")),
            }
        }
        found
    }

    /// Reads the reason that is required for a right which every comparison reports as weaker.
    fn reason_of(&mut self, values: &Values<'_>, key: &str, given: bool, written: &str) -> Option<String> {
        let name = format!("{key}-reason");
        let reason = self.text(values, &name);
        if given && reason.is_none() && !values.table.contains_key(name.as_str()) {
            let span = values.table.get(key).map(|value| value.span()).unwrap_or_default();
            self.error(format!("`{written}` without `{name}`"), span, &format!("say why: {name} = \"…\""));
        }
        if given { Some(reason.unwrap_or_default()) } else { None }
    }
}
