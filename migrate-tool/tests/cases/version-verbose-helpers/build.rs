//! Helper crates read the same output: without a commit there is no date, and a pre-release precedes its release.
use rustc_version::{Channel, Version, VersionReq};

fn main() {
    if let Some((version, channel, _date)) = version_check::triple() {
        if version.at_least("1.50.0") && channel.is_nightly() {
            println!("cargo:rustc-cfg=dated_nightly");
        }
    }
    if version_check::supports_feature("never_type") == Some(true) {
        println!("cargo:rustc-cfg=never_type");
    }
    let meta = rustc_version::version_meta().unwrap();
    if meta.commit_date.is_some() {
        println!("cargo:rustc-cfg=dated");
    }
    if meta.channel == Channel::Beta {
        println!("cargo:rustc-cfg=beta");
    }
    if meta.semver >= Version::new(1, 60, 0) {
        println!("cargo:rustc-cfg=from_sixty");
    }
    if VersionReq::parse(">=1.55, <1.70").unwrap().matches(&meta.semver) {
        println!("cargo:rustc-cfg=required");
    }
}
