//! The end of a script: success or failure by the result of `main`.

use super::Interp;
use crate::value::{Cases, Text, Value};

impl Interp<'_> {
    /// Fails on the paths on which `main` returns an error or a status other than success. A result that is not
    /// understood is residue.
    pub(super) fn end_of_main(&mut self, result: &Cases) {
        for (guard, value) in result.0.iter() {
            let path = self.pc;
            self.pc = self.inputs.and(path, *guard);
            let here = self.pc;
            if self.dead() {
                self.pc = path;
                continue;
            }
            match value {
                Value::Unit => {}
                Value::Enum(value) if &*value.name == "Result" => {
                    let inner = value.fields.first().map_or_else(Cases::unit, |(_, inner)| inner.clone());
                    if &*value.variant == "Err" {
                        let message = self.display_text(&inner, true);
                        self.panic(message);
                    } else {
                        self.end_of_main(&inner);
                    }
                }
                Value::External(status) if &**status == "std::process::ExitCode::SUCCESS" => {}
                Value::External(status) if &**status == "std::process::ExitCode::FAILURE" => {
                    self.panic(Text::lit("the build script exits with an error"));
                }
                _ => {
                    self.unknown("what `main` returns is not understood");
                }
            }
            let ended = self.inputs.minus(here, self.pc);
            self.pc = self.inputs.minus(path, ended);
        }
    }
}
