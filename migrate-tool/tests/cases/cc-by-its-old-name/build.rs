extern crate gcc;
extern crate pkg_config;

fn main() {
    if pkg_config::find_library("demo").is_ok() {
        return;
    }
    gcc::Config::new().file("src/a.c").define("DEMO", None).include("include").compile("libdemo.a");
}
