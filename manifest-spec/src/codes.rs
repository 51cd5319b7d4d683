//! The stable codes of diagnostics, each with its meaning. A new code is one new line here.

macro_rules! codes {
    ($($name:ident = $id:literal: $about:literal;)*) => {
        $(#[doc = $about] pub const $name: &str = concat!("inert::spec::", $id);)*

        /// Every code with its meaning, for the reference.
        pub const ALL: &[(&str, &str)] = &[$(($name, $about)),*];
    };
}

codes! {
    TOML_SYNTAX = "toml-syntax": "The text is not TOML.";
    TOO_LARGE = "too-large": "A document, text, list or name is larger than anything a declaration has use for.";
    SCHEMA = "schema": "The schema's version is missing, or not one that this Inert reads.";
    UNKNOWN_KEY = "unknown-key": "A key that the schema does not have.";
    MISSING_KEY = "missing-key": "A key that the table cannot do without.";
    WRONG_TYPE = "wrong-type": "A value of another type than the key takes.";
    BAD_VALUE = "bad-value": "A value that is not among those that the key takes.";
    KEYS_CONFLICT = "keys-conflict": "Keys that exclude each other, or a key that says nothing beside the others.";
    CONDITION_SYNTAX = "condition-syntax": "A condition that is not cfg syntax.";
    CONDITION_NAME = "condition-name": "A condition that asks for a fact that does not exist.";
    CONDITION_VALUE = "condition-value": "A condition that compares a fact with what it can never be.";
    UNLIKELY_VALUE = "unlikely-value": "A fact is compared with what looks like a misspelt value.";
    CONDITION_DEPTH = "condition-depth": "A condition nested deeper than is read.";
    OPERATOR_MISSING = "operator-missing": "A version without `>=`, `>`, `<=`, `<` or `=` before it.";
    VARIABLE = "variable": "A `${…}` that is unknown, unclosed, or not for this place.";
    OVERLAP = "overlap": "Two alternatives of one value that evidently hold at once.";
    ELSE = "else": "An `else` that stands alone, twice, with a condition, or in a list.";
    UNSUPPORTED_FACT = "unsupported-fact": "`unsupported` asks for what only the build will show.";
    UNDEFINED = "undefined": "A name that the declaration does not define.";
    CYCLE = "cycle": "Probes, libraries and conditions that wait for each other.";
    DUPLICATE = "duplicate": "One thing said twice.";
    PATH = "path": "A path that leaves the package, or that some system cannot hold.";
    NAME = "name": "A name with characters that could mean something to a tool.";
    RESERVED = "reserved": "A name that belongs to the system, the toolchain, Cargo or rustc.";
    CONTROL_CHARACTER = "control-character": "A control character where one line of text is meant.";
    SOURCE = "source": "A source whose ending is that of no language.";
    COMPILER_FLAG = "compiler-flag": "A compiler flag that is not on the list.";
    LINK_ARGUMENT = "link-argument": "A link argument that is not on the list.";
    RUSTC_ENV = "rustc-env": "A variable that a loader, compiler, linker or Cargo reads.";
    SEARCH_FILES = "search-files": "A search folder whose files are not named, or not libraries.";
    METADATA_WITHOUT_LINKS = "metadata-without-links": "`links-metadata` in a package without `links`.";
    NO_BUILD_TARGET = "no-build-target": "Effects declared by a package for which Cargo runs nothing.";
    UNKNOWN_FEATURE = "unknown-feature": "A condition on a feature that the package does not have.";
}
