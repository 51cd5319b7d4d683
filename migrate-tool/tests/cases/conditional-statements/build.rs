//! Statements of every kind behind `#[cfg]`.
fn main() -> Result<(), String> {
    #[cfg(feature = "a")]
    extra::build()?;
    let mut count = 1;
    #[cfg(feature = "b")]
    count += 10;
    #[cfg(feature = "a")]
    (count += 100);
    let mut name = "none";
    #[cfg(feature = "b")]
    name = "b";
    #[cfg(feature = "a")]
    while count < 200 {
        count += 50;
    }
    #[cfg(all(feature = "a", feature = "b"))]
    loop {
        println!("cargo:rustc-cfg=both");
        break;
    }
    #[cfg(not(feature = "a"))]
    let kind = "without";
    #[cfg(feature = "a")]
    let kind = "with";
    println!("cargo:rustc-env=TEXT={name} {count} {kind}");
    let pair = Pair {
        #[cfg(feature = "a")]
        first: 1,
        #[cfg(not(feature = "a"))]
        first: 2,
        second: Pair::SECOND,
    };
    println!("cargo:rustc-env=PAIR={} {}", pair.first, pair.second);
    #[cfg(feature = "b")]
    return Ok(());
    #[allow(unreachable_code)]
    {
        println!("cargo:rustc-cfg=went_on");
        Ok(())
    }
}

#[cfg(feature = "a")]
mod extra {
    pub fn build() -> Result<(), String> {
        println!("cargo:rustc-cfg=extra");
        Ok(())
    }
}

struct Pair {
    first: u8,
    second: u8,
}

impl Pair {
    #[cfg(feature = "b")]
    const SECOND: u8 = 3;
    #[cfg(not(feature = "b"))]
    const SECOND: u8 = 4;
}
