// The kind of an error is known only during the build. Where it affects more than the message, the script is not
// understood; where every branch fails, it is.
use pkg_config::Error;

fn main() {
    if std::env::var_os("CARGO_FEATURE_FIRST").is_some() {
        if let Err(e) = pkg_config::probe_library("first") {
            match e {
                Error::Failure { .. } => panic!("install it:\n{}", e),
                Error::ProbeFailure { name, .. } => panic!("{name} is not there"),
                _ => panic!("{}", e),
            }
        }
    }
    if std::env::var_os("CARGO_FEATURE_SECOND").is_some() {
        match pkg_config::probe_library("second") {
            Ok(_) => println!("cargo:rustc-cfg=second"),
            Err(Error::EnvNoPkgConfig(_)) => println!("cargo:rustc-cfg=second_by_hand"),
            Err(_) => panic!("no second"),
        }
    }
    if std::env::var_os("CARGO_FEATURE_THIRD").is_some() {
        match pkg_config::probe_library("third") {
            Err(Error::EnvNoPkgConfig(_)) | Err(Error::CrossCompilation) => println!("cargo:rustc-cfg=no_third"),
            Err(Error::Command { .. }) => println!("cargo:rustc-cfg=no_third"),
            Ok(_) => {}
            Err(e) => {
                eprintln!("{e}");
                println!("cargo:rustc-cfg=no_third");
            }
        }
    }
}
