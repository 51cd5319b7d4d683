//! Renders diagnostics with a location in a TOML text by miette.

use inert_manifest_spec::{Diagnostic, Severity};
use miette::{LabeledSpan, MietteDiagnostic, NamedSource, Report};

/// Prints all diagnostics of one text.
pub fn print(file: &str, text: &str, diagnostics: &[Diagnostic]) {
    for one in diagnostics {
        super::status(render(file, text, one).trim_end());
    }
}

fn render(file: &str, text: &str, one: &Diagnostic) -> String {
    let mut diagnostic = MietteDiagnostic::new(super::escaped(&one.message)).with_code(one.code);
    diagnostic.severity = Some(match one.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    });
    if let Some(help) = &one.help {
        diagnostic = diagnostic.with_help(super::escaped(help));
    }
    let inside = one.span.end <= text.len() && one.span.start < one.span.end;
    if inside {
        let label = if one.label.is_empty() { None } else { Some(super::escaped(&one.label)) };
        diagnostic = diagnostic.with_label(LabeledSpan::new(label, one.span.start, one.span.len()));
    }
    let source = NamedSource::new(file, super::escaped_keeping_offsets(text));
    let report = Report::from(diagnostic).with_source_code(source);
    let theme = if super::colours() {
        miette::GraphicalTheme::unicode()
    } else {
        miette::GraphicalTheme::unicode_nocolor()
    };
    let mut out = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(theme).with_width(110);
    if handler.render_report(&mut out, report.as_ref()).is_err() {
        return format!("{file}: {}", one.message);
    }
    if !inside {
        out.push_str(&format!("  in {file}\n"));
    }
    out
}
