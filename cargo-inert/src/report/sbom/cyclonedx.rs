//! `CycloneDX` 1.6 as JSON (ECMA-424).

use serde_json::{Value, json};

use super::{Document, compiled, edges, facts, facts_of_part, key, key_of_native, licence, natives_of};
use crate::inventory::{LicenceFile, Native, Part, Provider};

/// Returns the document. It is the same for the same build, but for its time.
#[must_use]
pub fn document(document: &Document<'_>) -> Value {
    let inventory = document.inventory;
    let own = inventory.root();
    let is_own = |part: &Part| own.is_some_and(|own| own.id == part.id);
    let mut components: Vec<Value> = compiled(inventory).filter(|part| !is_own(part)).map(of_part).collect();
    components.extend(inventory.natives.iter().map(of_native));
    let mut dependencies: Vec<Value> = compiled(inventory)
        .map(|part| {
            let natives = natives_of(inventory, part).map(key_of_native);
            let on: Vec<String> = edges(inventory, part).map(key).chain(natives).collect();
            json!({ "ref": key(part), "dependsOn": on })
        })
        .collect();
    dependencies.extend(inventory.natives.iter().map(|native| json!({ "ref": key_of_native(native) })));
    let component = match own {
        Some(part) => of_part(part),
        None => {
            let roots: Vec<String> = inventory.parts.iter().filter(|part| part.is_root).map(key).collect();
            dependencies.push(json!({ "ref": "workspace", "dependsOn": roots }));
            json!({ "type": "application", "bom-ref": "workspace", "name": document.name })
        }
    };
    let properties: Vec<Value> = [("host", inventory.host.clone()), ("compiler", inventory.rustc.clone())]
        .into_iter()
        .chain(inventory.targets.iter().map(|target| ("target", target.clone())))
        .map(|(name, value)| property(name, &value))
        .collect();
    let mut whole = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "tools": { "components": [{
                "type": "application", "name": "cargo-inert", "version": env!("CARGO_PKG_VERSION"),
            }] },
            "component": component,
            "properties": properties,
        },
        "components": components,
        "dependencies": dependencies,
    });
    // The serial number is made from the content, so that the same build has the same one.
    let digest = crate::digest::text(&whole.to_string());
    whole["serialNumber"] = json!(format!("urn:uuid:{}", uuid(&digest)));
    whole["metadata"]["timestamp"] = json!(document.created);
    whole
}

/// Returns a UUID of version 8 (RFC 9562, of one's own making) from a digest.
pub(super) fn uuid(digest: &str) -> String {
    format!(
        "{}-{}-8{}-a{}-{}",
        &digest[..8],
        &digest[8..12],
        &digest[13..16],
        &digest[17..20],
        &digest[20..32]
    )
}

fn of_part(part: &Part) -> Value {
    let is_application = part.is_root;
    let mut value = json!({
        "type": if is_application { "application" } else { "library" },
        "bom-ref": key(part),
        "name": part.id.name,
        "version": part.id.version,
        "scope": if part.is_linked { "required" } else { "excluded" },
        "properties": properties(facts_of_part(part)),
    });
    if let Some(purl) = part.purl() {
        value["purl"] = json!(purl);
    }
    if let Some(description) = &part.manifest.description {
        value["description"] = json!(description);
    }
    if let Some(sha256) = part.checksum.as_ref().filter(|text| is_sha256(text)) {
        value["hashes"] = json!([{ "alg": "SHA-256", "content": sha256 }]);
    }
    if let Some(text) = &part.manifest.license {
        value["licenses"] = match licence::expression(text) {
            Some(expression) => json!([{ "expression": expression }]),
            None => json!([{ "license": { "name": text } }]),
        };
    }
    let references: Vec<Value> = [("vcs", &part.manifest.repository), ("website", &part.manifest.homepage)]
        .into_iter()
        .filter_map(|(kind, url)| {
            let url = url.as_ref().filter(|url| is_url(url))?;
            Some(json!({ "type": kind, "url": url }))
        })
        .collect();
    if !references.is_empty() {
        value["externalReferences"] = json!(references);
    }
    add_files(&mut value, &key(part), &part.licence_files);
    value
}

fn of_native(native: &Native) -> Value {
    let mut value = json!({
        "type": "library",
        "bom-ref": key_of_native(native),
        "name": native.name,
        "properties": properties(facts(native)),
    });
    if let Some(version) = native.version() {
        value["version"] = json!(version);
    }
    match &native.provider {
        Provider::System { development, runtime, .. } => {
            // The package that the program needs; without one, the package that the build needs.
            if let Some(owner) = runtime.as_ref().or(development.as_ref()) {
                value["purl"] = json!(owner.purl());
            }
        }
        Provider::Bundled { licence_files, sha256, .. } => {
            if let Some(sha256) = sha256 {
                value["hashes"] = json!([{ "alg": "SHA-256", "content": sha256 }]);
            }
            add_files(&mut value, &key_of_native(native), licence_files);
        }
        Provider::Prebuilt { files, .. } => add_files(&mut value, &key_of_native(native), files),
        Provider::Missing | Provider::Script { .. } => {}
    }
    value
}

fn add_files(value: &mut Value, of: &str, files: &[LicenceFile]) {
    let files: Vec<Value> = files
        .iter()
        .enumerate()
        .map(|(at, file)| {
            json!({
                "type": "file",
                "bom-ref": format!("{of}-file-{at}"),
                "name": file.path,
                "hashes": [{ "alg": "SHA-256", "content": file.sha256 }],
            })
        })
        .collect();
    if !files.is_empty() {
        value["components"] = json!(files);
    }
}

fn properties(facts: Vec<(&'static str, String)>) -> Vec<Value> {
    facts.into_iter().map(|(name, value)| property(name, &value)).collect()
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": format!("inert:{name}"), "value": value })
}

/// Returns whether text of Cargo.lock is a digest as both formats want it.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Returns whether text of a manifest is a web address in plain characters, which every validator accepts.
fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/?#=&+:@,;%".contains(&byte))
            && !rest.contains('%')
            && rest.matches('#').count() <= 1
    })
}
