//! Compares the inferred types with those of rustc.

use std::collections::HashMap;

use super::*;

/// Returns the types of the literals in a body, in order.
fn inferred(body: &str) -> Vec<String> {
    let known = Known {
        functions: HashMap::from([(
            "byte".to_owned(),
            Some((vec![Some(Ty::named("u8"))], Some(Ty::named("u8")))),
        )]),
        ..Known::default()
    };
    let body: syn::Block = syn::parse_str(body).expect("a block");
    let found = literals(&known, &[], None, &body);
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, kind)| kind.name().unwrap_or_else(|| "?".to_owned())).collect()
}

#[test]
fn as_rustc() {
    for (body, wanted) in [
        ("{ let mut n = 0; n += 1; println!(\"{n}\"); }", "i32 i32"),
        ("{ let n = 1; byte(n); }", "u8"),
        ("{ let mut n = 1; n = byte(2) + n; }", "u8 u8"),
        ("{ let n = 1; other(n); }", "?"),
        ("{ let n = 1; let m: u64 = n; }", "u64"),
        ("{ let n = if c { 1 } else { 2u16 }; }", "u16 u16"),
        ("{ for i in 0..10 { println!(\"{}\", i); } }", "i32 i32"),
        ("{ for i in 0..v.len() { } }", "usize"),
        ("{ let mut i = 0; while i < 5 { v[i]; i += 1; } }", "usize usize usize"),
        ("{ let n = 1; mine!(n); }", "?"),
        ("{ let x = (1, 2); }", "? ?"),
        ("{ let n = 300 as u8; }", "u8"),
        ("{ let f = |x| x + 1; f(200u8); }", "? u8"),
        ("{ let n; n = 5; println!(\"{}\", n * 1000); }", "i32 i32"),
        ("{ let n = 1; if n == byte(1) {} }", "u8 u8"),
        ("{ let n = 1; match n { LIMIT => {}, _ => {} } }", "?"),
        ("{ let n = 1 << 3; }", "i32 i32"),
        ("{ let n = 2; let m = n.pow(3); byte(m); }", "u8 u32"),
    ] {
        assert_eq!(inferred(body).join(" "), wanted, "{body}");
    }
}
