//! Text with parts that are known only by name, and parts that are there only under a guard.

use std::rc::Rc;

use crate::logic::Guard;
use crate::logic::targets::{self, KEYS};

/// Pieces one after another, and the type of the whole; a piece whose guard does not hold is not there.
#[derive(Debug, Clone)]
pub(crate) struct Text(pub(crate) Rc<[(Guard, Piece)]>, pub(crate) TextType);

/// Types are refined, never told apart by: one variable has one type.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl Eq for Text {}
impl std::hash::Hash for Text {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// Which of the types that hold text or bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum TextType {
    /// One of them: where they differ, what is asked is residue.
    #[default]
    Unknown,
    Str,
    String,
    OsStr,
    OsString,
    Path,
    PathBuf,
    /// A slice of bytes, `[u8]`.
    Bytes,
    /// A vector of bytes, `Vec<u8>`.
    ByteVec,
    /// An array of bytes, `[u8; N]`, of any length.
    ByteArray,
    /// The type of `format_args!`, whose `Debug` and padding differ from those of a `str`.
    Arguments,
}

/// Types of text that mean the same by a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TextClass {
    Str,
    Os,
    Path,
    Bytes,
}

impl TextType {
    /// Returns the type's class; `None` if the type is not known.
    pub(crate) fn class(self) -> Option<TextClass> {
        Some(match self {
            Self::Unknown | Self::Arguments => return None,
            Self::Str | Self::String => TextClass::Str,
            Self::OsStr | Self::OsString => TextClass::Os,
            Self::Path | Self::PathBuf => TextClass::Path,
            Self::Bytes | Self::ByteVec | Self::ByteArray => TextClass::Bytes,
        })
    }

    /// Returns the type's name (for bytes, the name of the list); `None` if it is not known.
    pub(crate) fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Unknown | Self::Arguments => return None,
            Self::Str => "str",
            Self::String => "String",
            Self::OsStr => "OsStr",
            Self::OsString => "OsString",
            Self::Path => "Path",
            Self::PathBuf => "PathBuf",
            Self::Bytes => super::Ty::SLICE,
            Self::ByteVec => "Vec",
            Self::ByteArray => super::Ty::ARRAY,
        })
    }
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Piece {
    Lit(Rc<str>),
    Sym(Sym),
}

/// Text known by name only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Sym {
    Target,
    Host,
    Profile,
    OptLevel,
    /// `true`, `false`, or what else Cargo says in `DEBUG`.
    Debug,
    Minor,
    Patch,
    /// Empty, `-beta.N`, `-nightly`, `-dev`.
    ChannelSuffix,
    BetaNumber,
    CommitHash,
    /// As `rustc --version` prints it.
    ShortHash,
    /// The text that a distributor adds to rustc's first line, without its last parenthesis: empty, or `) (…`.
    Vendor,
    /// Parts of the commit date.
    Year,
    Month,
    Day,
    /// The same as numbers, without a leading zero.
    MonthNumber,
    DayNumber,
    /// Parts of the version of LLVM.
    LlvmMajor,
    LlvmMinor,
    LlvmPatch,
    OutDir,
    ManifestDir,
    /// The path of rustc, or of a wrapper of it.
    Rustc,
    /// One of Cargo's wrappers of rustc.
    RustcWrapper,
    Cargo,
    /// The C compiler that `cc` chooses, with its arguments for the target.
    CCompiler,
    NumJobs,
    /// A variable of the environment.
    Env(Rc<str>),
    /// A fact of the package: the variable's name in the schema, and its value now.
    Package(&'static str, Rc<str>),
    /// `CARGO_CFG_…` of the target, by cfg key; several values joined by `,`.
    Cfg(Rc<str>),
    /// The package's features as `Debug` writes a list of them.
    FeaturesList,
    /// The values of a cfg key as `Debug` writes a list of them.
    CfgList(Rc<str>),
    /// `CARGO_CFG_FEATURE`, `CARGO_FEATURE`-like lists of the package's features.
    Features,
    /// Something about a found library: its key, and the part of the variable's name after it.
    Library(Rc<str>, Rc<str>),
    /// Metadata of a dependency: its `links` name, and the key.
    Dep(Rc<str>, Rc<str>),
    /// The first of the paths in a dependency's metadata.
    DepFirst(Rc<str>, Rc<str>),
    /// Any one of an unknown list, such as the flags in a variable.
    Each(Rc<str>),
    /// A member of a set that is none of those the script names.
    Other(Rc<str>),
    /// Cannot be said in a declaration.
    Opaque(Rc<str>),
}

impl Sym {
    /// The name that [`Sym::Opaque`] has for the length of a text that is not empty.
    pub(crate) const SOME_LENGTH: &'static str = "the length of a path";

    /// The name that [`Sym::Other`] has for a feature of the target that the script does not name.
    pub(crate) const TARGET_FEATURE: &'static str = "another feature of the target";

    /// The beginning of the name of a symbol for what `Debug` writes of a text that is not known.
    pub(crate) const DEBUG_TEXT: &'static str = "the debug text of ";

    /// Returns whether the text may hold the character; `false` is certain.
    pub(crate) fn may_hold(&self, character: char) -> bool {
        match self {
            Self::Minor
            | Self::Patch
            | Self::BetaNumber
            | Self::NumJobs
            | Self::Year
            | Self::Month
            | Self::Day
            | Self::MonthNumber
            | Self::DayNumber
            | Self::LlvmMajor
            | Self::LlvmMinor
            | Self::LlvmPatch => character.is_ascii_digit(),
            Self::CommitHash | Self::ShortHash => {
                character.is_ascii_hexdigit() && !character.is_ascii_uppercase()
            }
            Self::Profile | Self::OptLevel | Self::Debug => {
                character.is_ascii_lowercase() || character.is_ascii_digit()
            }
            Self::ChannelSuffix => {
                character.is_ascii_lowercase() || character.is_ascii_digit() || "-.".contains(character)
            }
            Self::Other(what) if &**what == Self::TARGET_FEATURE => {
                character.is_ascii_alphanumeric() || "-_.+".contains(character)
            }
            Self::Target | Self::Host => character.is_ascii_alphanumeric() || "-_.".contains(character),
            // Few and fixed for most keys; what flags may add has no slash either.
            Self::Cfg(key) if KEYS.contains(&&**key) => targets::all()
                .iter()
                .any(|target| target.values(key).is_some_and(|values| values.join(",").contains(character))),
            Self::Package(_, value) => value.contains(character),
            Self::Vendor => character != '\n',
            // `Debug` of a text escapes every control character.
            Self::Opaque(what) if what.starts_with(Self::DEBUG_TEXT) => !character.is_control(),
            _ => true,
        }
    }

    /// Returns whether the text is certainly not empty.
    pub(crate) fn never_empty(&self) -> bool {
        match self {
            Self::Package(_, value) => !value.is_empty(),
            Self::Minor
            | Self::Patch
            | Self::BetaNumber
            | Self::NumJobs
            | Self::CommitHash
            | Self::ShortHash
            | Self::Year
            | Self::Month
            | Self::Day
            | Self::MonthNumber
            | Self::DayNumber
            | Self::LlvmMajor
            | Self::LlvmMinor
            | Self::LlvmPatch
            | Self::Profile
            | Self::OptLevel
            | Self::Debug
            | Self::Target
            | Self::Host
            | Self::OutDir
            | Self::ManifestDir
            | Self::Rustc
            | Self::RustcWrapper
            | Self::CCompiler
            | Self::Cargo => true,
            // Cargo sets the variable only where there is a value.
            Self::Cfg(key) => &**key == "target_feature",
            Self::Other(what) => &**what == Self::TARGET_FEATURE,
            _ => false,
        }
    }

    /// Returns the symbol's name for messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Env(name) => format!("${name}"),
            Self::Cfg(key) => format!("the target's {key}"),
            Self::Dep(links, key) => format!("metadata {links}.{key}"),
            Self::DepFirst(links, key) => format!("the first path of metadata {links}.{key}"),
            Self::Library(library, what) => format!("{what} of library {library}"),
            Self::Each(what) | Self::Other(what) | Self::Opaque(what) => what.to_string(),
            Self::Package(name, _) => (*name).to_owned(),
            other => format!("{other:?}"),
        }
    }
}

impl Text {
    /// Makes a text that is known.
    pub(crate) fn lit(text: &str) -> Self {
        if text.is_empty() {
            Self(Rc::from([]), TextType::Unknown)
        } else {
            Self(Rc::from([(Guard::TRUE, Piece::Lit(Rc::from(text)))]), TextType::Unknown)
        }
    }

    /// Makes a text that is one symbol.
    pub(crate) fn sym(sym: Sym) -> Self {
        Self(Rc::from([(Guard::TRUE, Piece::Sym(sym))]), TextType::Unknown)
    }

    /// Makes a text from guarded pieces, and joins neighbours.
    pub(crate) fn from_pieces(pieces: impl IntoIterator<Item = (Guard, Piece)>) -> Self {
        let mut out: Vec<(Guard, Piece)> = Vec::new();
        for (guard, piece) in pieces {
            match (&piece, out.last_mut()) {
                (Piece::Lit(text), _) if text.is_empty() => {}
                (Piece::Lit(text), Some((before_guard, Piece::Lit(before)))) if *before_guard == guard => {
                    let mut joined = String::with_capacity(before.len() + text.len());
                    joined.push_str(before);
                    joined.push_str(text);
                    *before = Rc::from(joined);
                }
                _ => out.push((guard, piece)),
            }
        }
        Self(Rc::from(out), TextType::Unknown)
    }

    /// Makes a text from unguarded pieces, in order.
    pub(crate) fn from_flat(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self::from_pieces(pieces.into_iter().map(|piece| (Guard::TRUE, piece)))
    }

    /// Returns the text followed by another, with the type of the first.
    pub(crate) fn concat(&self, other: &Self) -> Self {
        if self.0.is_empty() {
            return other.clone().typed(self.1);
        }
        if other.0.is_empty() {
            return self.clone();
        }
        Self::from_pieces(self.0.iter().chain(other.0.iter()).cloned()).typed(self.1)
    }

    /// Returns the same text with another type.
    pub(crate) fn typed(mut self, ty: TextType) -> Self {
        self.1 = ty;
        self
    }

    /// Returns the class of the text's type; `None` if the type is not known.
    pub(crate) fn class(&self) -> Option<TextClass> {
        self.1.class()
    }

    /// Returns the text, if all of it is known and unguarded.
    pub(crate) fn as_lit(&self) -> Option<&str> {
        match &*self.0 {
            [] => Some(""),
            [(guard, Piece::Lit(text))] if guard.is_true() => Some(text),
            _ => None,
        }
    }

    /// Returns whether no piece is guarded.
    pub(crate) fn is_flat(&self) -> bool {
        self.0.iter().all(|(guard, _)| guard.is_true())
    }

    /// Returns the pieces without their guards.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.0.iter().map(|(_, piece)| piece)
    }

    /// Returns the symbol, if the text is a single unguarded symbol.
    pub(crate) fn as_sym(&self) -> Option<&Sym> {
        match &*self.0 {
            [(guard, Piece::Sym(sym))] if guard.is_true() => Some(sym),
            _ => None,
        }
    }

    /// Returns the text for messages: with symbols in angle brackets, and a long text only up to its first symbol or
    /// line end.
    pub(crate) fn describe(&self) -> String {
        let text: String = self
            .pieces()
            .map(|piece| match piece {
                Piece::Lit(text) => text.to_string(),
                Piece::Sym(sym) => format!("<{}>", sym.describe()),
            })
            .collect();
        let line = text.lines().next().unwrap_or_default();
        if line.len() == text.len() { text } else { format!("{line}…") }
    }
}
