//! Comparisons that follow the order of a type's declaration, not of a literal; a range of characters.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Size {
    Small,
    Large,
    Huge,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    size: Size,
    name: &'static str,
}

fn main() {
    let mut items = vec![
        Item { name: "c", size: Size::Huge },
        Item { size: Size::Small, name: "b" },
        Item { name: "a", size: Size::Large },
    ];
    items.sort();
    let names: Vec<&str> = items.iter().map(|item| item.name).collect();
    println!("cargo:rustc-env=NAMES={}", names.join(","));
    let same = Item { name: "b", size: Size::Small } == items[0];
    println!("cargo:rustc-env=SAME={same}");
    let letters: String = ('a'..='e').collect();
    println!("cargo:rustc-env=LETTERS={letters}");
    if cfg!(feature = "between") {
        // Two elements are neighbours where the one between them is absent.
        let mut list = vec!["x"];
        if std::env::var("BETWEEN").is_ok() {
            list.push("y");
        }
        list.push("x");
        list.dedup();
        println!("cargo:rustc-env=LENGTH={}", list.len());
    }
}
