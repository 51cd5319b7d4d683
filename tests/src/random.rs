//! Random numbers for generated cases, the same for the same seed.

/// A generator with the choices that generated cases make.
#[derive(Debug)]
pub struct Random(fastrand::Rng);

impl Random {
    /// Makes a generator from that seed.
    #[must_use]
    pub fn seeded(seed: usize) -> Self {
        Self(fastrand::Rng::with_seed(seed as u64))
    }

    /// Returns a number of `0..limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit)
    }

    /// Returns true once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Returns one of several texts.
    pub fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Returns the number that the caller of a generated test sets by a variable, such as `INERT_TREES`.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the tests' own switches")]
pub fn asked(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}
