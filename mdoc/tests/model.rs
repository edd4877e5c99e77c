//! Claims written as JSON against the built-in data models.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tegata_mdoc::cbor::Value;
use tegata_mdoc::model::{
    ClaimProblem, Claims, Confidence, ElementName, ModelError, NameSpaceModel, Presence, Registry, Severity,
};

const MDL: &str = "org.iso.18013.5.1.mDL";
const NS: &str = "org.iso.18013.5.1";
const PID: &str = "eu.europa.ec.eudi.pid.1";

fn mdl() -> Json {
    json!({NS: {
        "family_name": "Müller", "given_name": "Erika", "birth_date": "1971-09-01", "issue_date": "2024-01-15",
        "expiry_date": "2034-01-15T00:00:00Z", "issuing_country": "UT", "issuing_authority": "Utopia Roads",
        "document_number": "T220001293", "portrait": "_9j_4A", "un_distinguishing_sign": "UT",
        "driving_privileges": [
            {"vehicle_category_code": "B", "issue_date": "2012-08-01", "codes": [{"code": "01", "sign": "="}]}
        ],
        "sex": 2, "age_over_18": true, "age_over_65": false
    }})
}

fn read(doc_type: &str, json: &Json) -> Result<Claims, Vec<ClaimProblem>> {
    Claims::from_json(doc_type, &json.to_string(), Registry::built_in())
}

/// The problems of an mDL with one element set to something else.
fn with(element: &str, value: Json) -> Vec<ClaimProblem> {
    let mut claims = mdl();
    claims[NS][element] = value;
    read(MDL, &claims).expect_err(element)
}

fn without(element: &str) -> Vec<ClaimProblem> {
    let mut claims = mdl();
    claims[NS].as_object_mut().unwrap().remove(element);
    read(MDL, &claims).expect_err(element)
}

fn ids(problems: &[ClaimProblem]) -> Vec<(&'static str, String)> {
    problems.iter().map(|problem| (problem.id(), problem.path.to_string())).collect()
}

fn sorted_ids(problems: &[ClaimProblem]) -> Vec<&'static str> {
    let mut ids: Vec<_> = problems.iter().map(ClaimProblem::id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_good_mdl_is_encoded_by_its_model() {
    let claims = read(MDL, &mdl()).unwrap();
    assert!(claims.warnings().is_empty(), "{:?}", claims.warnings());
    assert_eq!(claims.element_count(), 14);
    let value = |element: &str| claims.get(NS, element).unwrap().value().unwrap().into_owned();
    assert_eq!(value("family_name"), Value::text("Müller"));
    assert_eq!(value("birth_date"), Value::Tag(1004, Box::new(Value::text("1971-09-01"))));
    assert_eq!(value("issue_date"), Value::Tag(1004, Box::new(Value::text("2024-01-15"))));
    assert_eq!(value("expiry_date"), Value::Tag(0, Box::new(Value::text("2034-01-15T00:00:00Z"))));
    assert_eq!(value("portrait"), Value::bytes(vec![0xff, 0xd8, 0xff, 0xe0]));
    assert_eq!(value("sex"), Value::Unsigned(2));
    assert_eq!(value("age_over_65"), Value::Bool(false));
    let Value::Array(privileges) = value("driving_privileges") else { panic!("an array") };
    let Value::Map(privilege) = &privileges[0] else { panic!("a map") };
    assert!(privilege.contains(&(Value::text("issue_date"), Value::Tag(1004, Box::new(Value::text("2012-08-01"))))));
}

#[test]
fn an_independent_decoder_reads_the_same() {
    let claims = read(MDL, &mdl()).unwrap();
    let encoded = claims.get(NS, "driving_privileges").unwrap().encoded();
    let value: ciborium::Value = ciborium::from_reader(encoded).unwrap();
    let category = value.as_array().unwrap()[0].as_map().unwrap().iter();
    let mut category = category.filter(|(key, _)| key.as_text() == Some("vehicle_category_code"));
    assert_eq!(category.next().unwrap().1.as_text(), Some("B"));
}

#[test]
fn debug_shows_no_values() {
    let shown = format!("{:?}", read(MDL, &mdl()).unwrap());
    assert!(shown.contains("family_name") && !shown.contains("Müller"), "{shown}");
}

#[test]
fn every_broken_rule_of_a_certain_model_refuses() {
    let cases = [
        ("family_name", json!("佐藤"), "claim-charset", ""),
        ("family_name", json!("a\u{7}"), "claim-charset", ""),
        ("family_name", json!("x".repeat(151)), "claim-too-long", ""),
        ("family_name", json!(7), "claim-wrong-type", ""),
        ("family_name", json!(null), "claim-null", ""),
        ("birth_date", json!("1971-09-01T00:00:00Z"), "claim-date", ""),
        ("birth_date", json!("1971-02-30"), "claim-date", ""),
        ("issue_date", json!("01.02.2024"), "claim-date", ""),
        ("issue_date", json!("2024-01-01T00:00:00.5Z"), "claim-date", ""),
        ("portrait_capture_date", json!("2024-01-01"), "claim-date", ""),
        ("issuing_country", json!("Utopia"), "claim-format", ""),
        ("portrait", json!("iVBORw0KGgo="), "claim-format", ""),
        ("portrait", json!(""), "claim-format", ""),
        ("portrait", json!("file:///etc/passwd"), "claim-base64", ""),
        ("sex", json!(3), "claim-not-in-enumeration", ""),
        ("sex", json!(-1), "claim-not-unsigned", ""),
        ("height", json!(1.75), "claim-not-unsigned", ""),
        ("eye_colour", json!("violet"), "claim-not-in-enumeration", ""),
        ("age_over_18", json!("true"), "claim-age-over-type", ""),
        ("age_over_9", json!(true), "claim-age-over-name", ""),
        ("age_over_100", json!(false), "claim-age-over-name", ""),
        ("age_over_70", json!(true), "claim-ages-contradict", ""),
        ("biometric_template_tail", json!("AA"), "claim-unknown-element", ""),
        ("driving_privileges", json!([{}]), "claim-missing", "[0].vehicle_category_code"),
        ("driving_privileges", json!([{"vehicle_category_code": "B", "codes": []}]), "claim-too-few", "[0].codes"),
        (
            "driving_privileges",
            json!([{"vehicle_category_code": "B", "codes": [{"code": 1}]}]),
            "claim-wrong-type",
            "[0].codes[0].code",
        ),
    ];
    for (element, value, id, steps) in cases {
        let problems = with(element, value.clone());
        assert_eq!(ids(&problems), [(id, format!("{NS}/{element}{steps}"))], "{element} {value}");
        assert_eq!(problems[0].severity, Severity::Error);
        assert!(!problems[0].to_string().contains("佐藤"), "no values in messages");
    }
}

#[test]
fn every_mandatory_element_is_demanded() {
    let model = Registry::built_in().doc_type(MDL).unwrap().name_space(NS).unwrap();
    let mandatory: Vec<_> =
        model.elements().iter().filter(|element| element.presence() == Presence::Mandatory).collect();
    assert_eq!(mandatory.len(), 11);
    for element in mandatory {
        let name = element.name().as_str();
        assert_eq!(ids(&without(name)), [("claim-missing", format!("{NS}/{name}"))]);
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let mut claims = mdl();
    claims[NS]["sex"] = json!(3);
    claims[NS]["familly_name"] = json!("X");
    claims[NS].as_object_mut().unwrap().remove("family_name");
    claims["org.example"] = json!([]);
    let problems = read(MDL, &claims).unwrap_err();
    assert_eq!(
        sorted_ids(&problems),
        ["claim-missing", "claim-not-in-enumeration", "claim-unknown-element", "claims-not-an-object"]
    );
    let misspelt = problems.iter().find(|problem| problem.id() == "claim-unknown-element").unwrap();
    assert_eq!(misspelt.kind.did_you_mean(), Some("family_name"));
    assert_eq!(misspelt.to_string(), format!("{NS}/familly_name: unknown element; did you mean family_name?"));
}

#[test]
fn duplicate_members_are_noticed_at_every_depth() {
    let av = "eu.europa.ec.av.1";
    let text = r#"{"eu.europa.ec.av.1":{"age_over_18":true,"age_over_18":false}}"#;
    let problems = Claims::from_json(av, text, Registry::built_in()).unwrap_err();
    assert_eq!(ids(&problems), [("claim-duplicate", format!("{av}/age_over_18"))]);
    let text = r#"{"eu.europa.ec.av.1":{"age_over_18":true},"eu.europa.ec.av.1":{"age_over_21":true}}"#;
    let problems = Claims::from_json(av, text, Registry::built_in()).unwrap_err();
    assert!(ids(&problems).contains(&("claim-duplicate", av.into())));
    let nested = mdl().to_string().replace(r#""sign":"=""#, r#""sign":"=","sign":">""#);
    let problems = Claims::from_json(MDL, &nested, Registry::built_in()).unwrap_err();
    assert!(problems.iter().any(|problem| problem.id() == "claim-duplicate"), "{problems:?}");
}

#[test]
fn an_unknown_document_type_needs_an_explicit_choice() {
    let problems = read("org.iso.18013.5.1.mdl", &mdl()).unwrap_err();
    assert_eq!(problems[0].id(), "claim-unknown-doctype");
    assert_eq!(problems[0].kind.did_you_mean(), Some(MDL));
    let lenient = Registry::built_in().clone().allow_unknown_doc_types();
    let json = r#"{"ns":{"b":{"$bytes":"AQI"},"d":{"$full-date":"2024-02-29"},"t":{"$tdate":"2024-01-01T00:00:00Z"},
                        "n":-5,"f":1.5,"a":[true,{"x":"y"}]}}"#;
    let claims = Claims::from_json("org.example.pass", json, &lenient).unwrap();
    let value = |element: &str| claims.get("ns", element).unwrap().value().unwrap().into_owned();
    assert_eq!(value("b"), Value::bytes(vec![1, 2]));
    assert_eq!(value("d"), Value::Tag(1004, Box::new(Value::text("2024-02-29"))));
    assert_eq!(value("t"), Value::Tag(0, Box::new(Value::text("2024-01-01T00:00:00Z"))));
    assert_eq!((value("n"), value("f")), (Value::Negative(4), Value::Float(1.5)));
    for bad in [r#"{"ns":{"b":{"$bytes":"*"}}}"#, r#"{"ns":{"b":{"$file":"x"}}}"#, r#"{"ns":{"b":null}}"#] {
        assert!(Claims::from_json("org.example.pass", bad, &lenient).is_err(), "{bad}");
    }
}

#[test]
fn a_domestic_namespace_is_taken_with_a_warning() {
    let mut claims = mdl();
    claims["org.iso.18013.5.1.JP"] = json!({"licence_colour": "gold"});
    let claims = read(MDL, &claims).unwrap();
    assert_eq!(ids(claims.warnings()), [("claim-unknown-namespace", "org.iso.18013.5.1.JP".into())]);
    assert!(claims.get("org.iso.18013.5.1.JP", "licence_colour").is_some());
}

#[test]
fn what_is_not_certain_gives_warnings() {
    let mut claims = mdl();
    claims["org.iso.18013.5.1.aamva"] = json!({"sex": 0, "DHS_compliance": "F", "aka_family_name": "M"});
    let claims = read(MDL, &claims).unwrap();
    assert_eq!(
        sorted_ids(claims.warnings()),
        ["claim-missing", "claim-missing", "claim-missing", "claim-not-in-enumeration", "claim-outdated"]
    );
}

#[test]
fn the_pid_has_arrays_structures_and_an_empty_portrait() {
    let pid = json!({PID: {
        "family_name": "佐藤", "given_name": "花子", "birth_date": "1990-01-01", "nationality": ["FI", "QU"],
        "place_of_birth": {"country": "FI"}, "issuing_authority": "A", "issuing_country": "FI",
        "expiry_date": "2030-01-01", "portrait": "", "email_address": "a@b.example", "mobile_phone_number": "+358401"
    }});
    read(PID, &pid).unwrap();
    for (element, value, id) in [
        ("nationality", json!([]), "claim-too-few"),
        ("nationality", json!(["finland"]), "claim-format"),
        ("nationality", json!("FI"), "claim-wrong-type"),
        ("place_of_birth", json!({}), "claim-too-few"),
        ("mobile_phone_number", json!("0401"), "claim-pattern"),
        ("email_address", json!("nobody"), "claim-format"),
    ] {
        let mut claims = pid.clone();
        claims[PID][element] = value;
        let problems = read(PID, &claims).expect_err(element);
        assert_eq!(sorted_ids(&problems), [id], "{element}");
    }
}

#[test]
fn aliases_stand_for_mandatory_elements() {
    let photo_id = |name: &str, birth: Json| {
        json!({"org.iso.23220.1": {
            name: "A", "given_name": "B", "birth_date": birth, "portrait": "_9j_4A", "issue_date": "2024-01-01",
            "expiry_date": "2034-01-01", "issuing_authority": "C", "issuing_country": "UT", "age_over_18": true
        }})
    };
    for birth in [json!("1990-01-01"), json!({"birth_date": "1990-01-01", "approximate_mask": "00000000"})] {
        let claims = read("org.iso.23220.photoid.1", &photo_id("family_name_unicode", birth)).unwrap();
        assert!(claims.warnings().is_empty(), "{:?}", claims.warnings());
    }
    let claims = read("org.iso.23220.photoid.1", &photo_id("family_name_viz", json!("1990-01-01"))).unwrap();
    assert_eq!(ids(claims.warnings()), [("claim-missing", "org.iso.23220.1/family_name".into())]);
}

#[test]
fn hostile_json_is_refused() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for text in ["", "[]", "null", "{", "{}", r#"{"org.iso.18013.5.1":{}}"#, &deep] {
        assert!(Claims::from_json(MDL, text, Registry::built_in()).is_err(), "{text}");
    }
    let huge = " ".repeat(5 * 1024 * 1024);
    let problems = Claims::from_json(MDL, &huge, Registry::built_in()).unwrap_err();
    assert_eq!(problems[0].id(), "claims-too-large");
}

#[test]
fn the_built_in_models_are_those_of_the_files() {
    let registry = Registry::built_in();
    assert_eq!(registry.doc_types().count(), 11);
    let mut files = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("data-models")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        files += 1;
        let file: Json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for doc_type in file["doctypes"].as_array().unwrap() {
            let model = registry.doc_type(doc_type["id"].as_str().unwrap()).unwrap();
            for (name, entry) in file["namespaces"].as_object().unwrap() {
                let elements = model.name_space(name).unwrap().elements();
                assert_eq!(elements.len(), entry["elements"].as_array().unwrap().len(), "{name}");
            }
        }
    }
    assert_eq!(files, 8);
    let mdl = registry.doc_type(MDL).unwrap().name_space(NS).unwrap();
    assert_eq!(mdl.element("sex").unwrap().constraints().value_label("1"), Some("male"));
    assert!(matches!(mdl.element("age_over_21").unwrap().name(), ElementName::Family { .. }));
}

#[test]
fn models_can_be_added_but_not_weakened() {
    let added = r#"{"schema":"mdoc-data-model/1","title":"T","doctypes":[{"id":"org.iso.18013.5.1.mDL"}],
        "namespaces":{"org.iso.18013.5.1.JP":{"confidence":"certain","presence":"O","elements":[
            {"id":"licence_colour","label":"Colour","type":"tstr","presence":"M","enum":["gold","blue","green"]}]}}}"#;
    let registry = Registry::built_in().clone().with_model(added).unwrap();
    let facts = |model: &NameSpaceModel| (model.confidence(), model.is_closed());
    let jp = registry.doc_type(MDL).unwrap().name_space("org.iso.18013.5.1.JP").unwrap();
    assert_eq!(facts(jp), (Confidence::Certain, true));
    let mut claims = mdl();
    Claims::from_json(MDL, &claims.to_string(), &registry).unwrap();
    claims["org.iso.18013.5.1.JP"] = json!({"licence_colour": "red"});
    assert!(Claims::from_json(MDL, &claims.to_string(), &registry).is_err());

    let id = |json: &str| Registry::built_in().clone().with_model(json).map_err(|error| error.id()).unwrap_err();
    let change = |from: &str, to: &str| {
        assert!(added.contains(from), "{from}");
        id(&added.replace(from, to))
    };
    assert_eq!(change("18013.5.1.JP", "18013.5.1"), "model-duplicate-namespace");
    assert_eq!(change("mdoc-data-model/1", "mdoc-data-model/2"), "model-schema");
    assert_eq!(change("\"tstr\"", "\"string\""), "model-type");
    assert_eq!(change("\"enum\"", "\"minimum\""), "model-syntax");
    assert_eq!(change("\"gold\"", "1.5"), "model-enumeration");
    assert_eq!(change("\"enum\":", "\"format\":\"png\",\"enum\":"), "model-format");
    assert_eq!(change("\"enum\":", "\"pattern\":\"(?=a)\",\"enum\":"), "model-pattern");
    assert_eq!(change("\"id\":\"licence_colour\",", ""), "model-element-name");
    let twice = added.replace("]}]}}}", r#"]},{"id":"licence_colour","label":"x","type":"bool","presence":"O"}]}}}"#);
    assert_eq!(id(&twice), "model-duplicate-element");
    assert!(matches!(Registry::empty().with_model("{"), Err(ModelError::Syntax { .. })));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "\\PC*".prop_map(Json::from),
        Just(json!("2024-01-01")),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::hash_map("[a-z$_]{1,12}", inner, 0..6)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_panics_and_what_is_taken_decodes(element in 0_usize..34, value in any_json()) {
        let model = Registry::built_in().doc_type(MDL).unwrap().name_space(NS).unwrap();
        let name = model.elements()[element].name().as_str().replace("NN", "21").replace("_xx", "_face");
        let mut claims = mdl();
        claims[NS][&name] = value;
        if let Ok(claims) = read(MDL, &claims) {
            for claim in claims.name_spaces()[0].elements() {
                prop_assert!(ciborium::from_reader::<ciborium::Value, _>(claim.encoded()).is_ok());
            }
        }
    }
}
