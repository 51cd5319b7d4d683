//! The `.pc` reader on malformed, cyclic, hostile and damaged input: it returns an answer or an error in bounded
//! time, and never panics.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use inert_resolver::pkgconf::{
    Client, Config, PcSource, Personality, Problem, Want, compare_versions, parse_dependencies, parse_file,
    render,
};

/// Files in memory; `None` is a folder in a file's place.
#[derive(Default)]
struct Memory(BTreeMap<String, Option<Vec<u8>>>);

impl Memory {
    fn with(files: &[(&str, &str)]) -> Self {
        let bytes = |text: &str| Some(text.as_bytes().to_vec());
        Self(files.iter().map(|(name, text)| (format!("/pc/{name}.pc"), bytes(text))).collect())
    }
}

impl PcSource for Memory {
    fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        match self.0.get(path.to_str().unwrap_or_default()) {
            Some(Some(bytes)) => Ok(bytes.clone()),
            Some(None) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn read_dir(&mut self, path: &Path) -> io::Result<Vec<String>> {
        if path != Path::new("/pc") {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(self.0.keys().filter_map(|path| path.strip_prefix("/pc/")).map(str::to_owned).collect())
    }
}

/// Returns the flags of a module, or the reason why there are none.
fn ask(
    memory: &mut Memory,
    module: &str,
    configure: impl FnOnce(&mut Config),
) -> Result<String, Vec<Problem>> {
    let mut config = Config { search_paths: vec!["/pc".into()], ..Config::default() };
    configure(&mut config);
    let mut client = Client::new(memory, config);
    let answer = client.query(&parse_dependencies(module), Want { cflags: true, libs: true })?;
    let flags = render(answer.cflags.iter().chain(&answer.libs));
    Ok(String::from_utf8_lossy(&flags).into_owned())
}

fn pc(rest: &str) -> String {
    format!("Name: x\nDescription: x\nVersion: 1.0\n{rest}\n")
}

#[test]
fn cycles_end() {
    let mut memory = Memory::with(&[
        ("a", &pc("Requires: b\nLibs: -la")),
        ("b", &pc("Requires: a c\nLibs: -lb")),
        ("c", &pc("Requires: c\nLibs: -lc")),
    ]);
    assert_eq!(ask(&mut memory, "a", |_| {}).unwrap(), "-la -lb -lc ");
}

#[test]
fn a_graph_made_to_be_walked_for_ever_is_refused() {
    // Each of 60 levels requires the next one twice, so there are 2^60 paths.
    let mut memory = Memory::default();
    for level in 0..60 {
        let next = level + 1;
        for side in ["l", "r"] {
            let text = pc(&format!("Requires: l{next} r{next}\nLibs: -l{side}{level}"));
            memory.0.insert(format!("/pc/{side}{level}.pc"), Some(text.into_bytes()));
        }
    }
    for side in ["l", "r"] {
        memory.0.insert(format!("/pc/{side}60.pc"), Some(pc("Libs: -lend").into_bytes()));
    }
    let start = Instant::now();
    let problems = ask(&mut memory, "l0", |_| {}).unwrap_err();
    assert!(problems.iter().any(|problem| matches!(problem, Problem::TooLarge { .. })), "{problems:?}");
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn a_long_chain_ends_at_the_depth_that_pkgconf_has() {
    let mut memory = Memory::default();
    for at in 0..5000 {
        let text = pc(&format!("Requires: m{}\nLibs: -lm{at}", at + 1));
        memory.0.insert(format!("/pc/m{at}.pc"), Some(text.into_bytes()));
    }
    let flags = ask(&mut memory, "m0", |_| {}).unwrap();
    assert!(flags.contains("-lm1000 ") && !flags.contains("-lm3000 "));
}

#[test]
fn what_is_missing_is_named_all_at_once_with_who_requires_it() {
    let mut memory = Memory::with(&[("a", &pc("Requires: gone, b >= 2, also-gone")), ("b", &pc(""))]);
    let text: Vec<String> =
        ask(&mut memory, "a", |_| {}).unwrap_err().iter().map(ToString::to_string).collect();
    let text = text.join("\n");
    for part in ["gone.pc, required by a.pc", "also-gone.pc", "b >= 2", "version 1.0"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_file_without_its_fields_is_passed_over_and_named() {
    let mut memory = Memory::with(&[("a", "Name: a\nDescription: a\n")]);
    memory.0.insert("/pc/b.pc".to_owned(), None);
    let mut client =
        Client::new(&mut memory, Config { search_paths: vec!["/pc".into()], ..Config::default() });
    for module in ["a", "b"] {
        client.query(&parse_dependencies(module), Want { cflags: true, libs: true }).unwrap_err();
    }
    let text: Vec<String> = client.passed_over().iter().map(ToString::to_string).collect();
    assert!(text.iter().any(|line| line.contains("/pc/a.pc") && line.contains("Version")), "{text:?}");
    assert!(text.iter().any(|line| line.contains("/pc/b.pc")), "{text:?}");
}

#[test]
fn names_do_not_lead_out_of_the_searched_folders() {
    let mut memory = Memory::with(&[("a", &pc("Requires: ../etc/evil"))]);
    memory.0.insert("/pc/../etc/evil.pc".to_owned(), Some(pc("Libs: -levil").into_bytes()));
    assert!(ask(&mut memory, "a", |_| {}).is_err());
}

#[test]
fn expansions_are_bounded() {
    let mut bomb = String::from("a=xxxxxxxxxxxxxxxx\n");
    for (from, to) in [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "g")] {
        bomb.push_str(&format!("{to}={}\n", format!("${{{from}}}").repeat(16)));
    }
    let mut memory = Memory::with(&[("a", &pc(&format!("{bomb}Libs: -L${{g}}")))]);
    assert!(ask(&mut memory, "a", |_| {}).is_err());
}

#[test]
fn conflicts_and_providers() {
    let mut memory = Memory::with(&[
        ("a", &pc("Requires: b virtual >= 2\nConflicts: b < 2\nLibs: -la")),
        ("b", &pc("Libs: -lb")),
        ("c", &pc("Provides: virtual = 2.5\nLibs: -lc")),
    ]);
    let problems = ask(&mut memory, "a", |_| {}).unwrap_err();
    assert!(matches!(problems[..], [Problem::Conflict(_)]), "{problems:?}");
    let flags = ask(&mut memory, "a", |config| config.ignore_conflicts = true).unwrap();
    assert_eq!(flags, "-la -lb -lc ");
}

/// Bytes that have a meaning for the reader.
const MARKS: &[u8] = b"${}\\\"'#=:,<>!~\n\r\0\xff\xc3 /-";

/// Changes, cuts, repeats and inserts bytes in files, from a fixed seed.
#[test]
fn damage_never_panics() {
    let seeds: &[&[u8]] = &[
        b"prefix=/usr\nlibdir=${prefix}/lib\nName: x\nDescription: y\nVersion: 1.2~rc1\nRequires: a >= 1, b\nLibs: -L${libdir} -lx 'a b' \\\n -Wl,-z,now\nCflags: -I\"${prefix}/in c\" -DX=\\\"1\\\"\n",
        b"a=${b}\nb=${a}\nc=\"$\"{a}\nName:${c}\nDescription:\nVersion: 1 2\nConflicts: x != 3\nProvides: y = 1\nRequires.internal: z\nLibs.private: /usr/lib/libz.a\n",
        b"\xff\xfe\x00Name: \xc3\x28\r\nDescription: \xe9\rVersion: 1\r\n#\xff\nLibs: -l\xff -L/a\x00b\n",
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below.max(1) as u64).unwrap_or(0)
    };
    for round in 0..6000 {
        let mut bytes = seeds[round % seeds.len()].to_vec();
        for _ in 0..=next(6) {
            let at = next(bytes.len());
            match next(5) {
                0 => bytes.truncate(at),
                1 if !bytes.is_empty() => bytes[at] = MARKS[next(MARKS.len())],
                2 => bytes.insert(at.min(bytes.len()), MARKS[next(MARKS.len())]),
                3 => bytes.extend_from_within(at..),
                _ => bytes.drain(at..(at + next(9)).min(bytes.len())).for_each(drop),
            }
        }
        let _ = parse_file(Path::new("/pc/x.pc"), &bytes);
        let _ = Personality::parse(&bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for dependency in parse_dependencies(&text) {
            let _ = compare_versions(&dependency.module, dependency.version.as_deref().unwrap_or(""));
        }
        let mut memory = Memory::default();
        memory.0.insert("/pc/x.pc".to_owned(), Some(bytes));
        let _ = ask(&mut memory, "x", |config| {
            config.is_static = round % 2 == 0;
            config.sysroot = (round % 3 == 0).then(|| "/sys".to_owned());
            config.define_prefix = round % 5 == 0;
        });
    }
}
