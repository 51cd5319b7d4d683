//! SPDX 2.3 as JSON (ISO/IEC 5962 and its successor).

use serde_json::{Value, json};

use super::cyclonedx::{is_sha256, uuid};
use super::{Document, compiled, edges, facts, facts_of_part, key, key_of_native, licence, natives_of};
use crate::inventory::{Native, Part, Provider};

/// The value of a field of which nothing is known.
const UNKNOWN: &str = "NOASSERTION";

/// Returns the document. It is the same for the same build, but for its time.
#[must_use]
pub fn document(document: &Document<'_>) -> Value {
    let inventory = document.inventory;
    let mut packages: Vec<Value> = compiled(inventory).map(|part| of_part(part, document)).collect();
    packages.extend(inventory.natives.iter().map(|native| of_native(native, document)));
    let mut relations = Vec::new();
    let mut relate = |from: &str, kind: &str, to: &str| {
        relations.push(json!({
            "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to,
        }));
    };
    for part in compiled(inventory) {
        if part.is_root {
            relate("SPDXRef-DOCUMENT", "DESCRIBES", &id(part));
        }
        for other in edges(inventory, part) {
            // What runs in the compiler, or is linked into a script, is needed for building alone.
            match !other.is_linked && (part.is_linked || other.is_macro) {
                true => relate(&id(other), "BUILD_DEPENDENCY_OF", &id(part)),
                false => relate(&id(part), "DEPENDS_ON", &id(other)),
            }
        }
        for native in natives_of(inventory, part) {
            let kind = match &native.provider {
                Provider::Bundled { package, .. } | Provider::Prebuilt { package, .. }
                    if *package == part.id.to_string() =>
                {
                    "CONTAINS"
                }
                _ => "DEPENDS_ON",
            };
            relate(&id(part), kind, &id_of_native(native));
        }
    }
    let name = inventory.root().map_or(document.name.as_str(), |part| part.id.name.as_str());
    let digest = crate::digest::text(&format!("{packages:?} {relations:?}"));
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": format!("https://spdx.org/spdxdocs/{}-{}", super::plain(name), uuid(&digest)),
        "creationInfo": {
            "created": document.created,
            "creators": [tool()],
            "comment": format!(
                "built on {} for {}, by {}",
                inventory.host,
                inventory.targets.iter().cloned().collect::<Vec<_>>().join(", "),
                inventory.rustc
            ),
        },
        "packages": packages,
        "relationships": relations,
    })
}

fn tool() -> String {
    format!("Tool: cargo-inert-{}", env!("CARGO_PKG_VERSION"))
}

fn id(part: &Part) -> String {
    format!("SPDXRef-{}", key(part))
}

fn id_of_native(native: &Native) -> String {
    format!("SPDXRef-{}", key_of_native(native))
}

fn of_part(part: &Part, document: &Document<'_>) -> Value {
    let expression = part.manifest.license.as_deref().and_then(licence::expression);
    let download = if part.is_from_crates_io() {
        let (name, version) = (&part.id.name, &part.id.version);
        format!("https://static.crates.io/crates/{name}/{name}-{version}.crate")
    } else {
        UNKNOWN.to_owned()
    };
    let mut value = json!({
        "SPDXID": id(part),
        "name": part.id.name,
        "versionInfo": part.id.version,
        "downloadLocation": download.replace('+', "%2B"),
        "filesAnalyzed": false,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": expression.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
        "copyrightText": UNKNOWN,
        "primaryPackagePurpose": if part.is_root { "APPLICATION" } else { "LIBRARY" },
        "annotations": annotations(facts_of_part(part), document),
    });
    if let (None, Some(text)) = (expression, &part.manifest.license) {
        value["licenseComments"] = json!(format!("The manifest says: {text}"));
    }
    if let Some(description) = &part.manifest.description {
        value["description"] = json!(description);
    }
    if let Some(sha256) = part.checksum.as_ref().filter(|text| is_sha256(text)) {
        value["checksums"] = json!([{ "algorithm": "SHA256", "checksumValue": sha256 }]);
    }
    if let Some(purl) = part.purl() {
        value["externalRefs"] = purl_reference(&purl);
    }
    value
}

fn of_native(native: &Native, document: &Document<'_>) -> Value {
    let mut value = json!({
        "SPDXID": id_of_native(native),
        "name": native.name,
        "downloadLocation": UNKNOWN,
        "filesAnalyzed": false,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": UNKNOWN,
        "copyrightText": UNKNOWN,
        "primaryPackagePurpose": "LIBRARY",
        "annotations": annotations(facts(native), document),
    });
    if let Some(version) = native.version() {
        value["versionInfo"] = json!(version);
    }
    match &native.provider {
        Provider::System { development, runtime, .. } => {
            if let Some(owner) = runtime.as_ref().or(development.as_ref()) {
                value["externalRefs"] = purl_reference(&owner.purl());
            }
        }
        Provider::Bundled { sha256: Some(sha256), .. } => {
            value["checksums"] = json!([{ "algorithm": "SHA256", "checksumValue": sha256 }]);
        }
        _ => {}
    }
    value
}

fn purl_reference(purl: &str) -> Value {
    json!([{ "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl }])
}

/// Returns the facts for which SPDX 2.3 has no field.
fn annotations(facts: Vec<(&'static str, String)>, document: &Document<'_>) -> Vec<Value> {
    let one = |(name, value): (&str, String)| {
        json!({
            "annotationType": "OTHER",
            "annotator": tool(),
            "annotationDate": document.created,
            "comment": format!("inert:{name}={value}"),
        })
    };
    facts.into_iter().map(one).collect()
}
