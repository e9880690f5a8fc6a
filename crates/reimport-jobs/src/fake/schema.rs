//! Checks a user against the import schema, a data file. The messages are those of the validator that tenants use.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("import-schema.json")).unwrap_or_default());

/// Returns the rules that a user breaks, in the form of job errors.
pub(super) fn check(user: &Value) -> Vec<Value> {
    let mut errors = Vec::new();
    value(&SCHEMA, user, "", &mut errors);
    errors
}

fn value(schema: &Value, found: &Value, path: &str, errors: &mut Vec<Value>) {
    let mut error = |code: &str, message: String| errors.push(report(code, &message, path));
    if let Some(expected) = schema["type"].as_str()
        && !is_a(expected, found)
    {
        return error("INVALID_TYPE", format!("Expected type {expected} but found type {}", type_of(found)));
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(found)
    {
        error("ENUM_MISMATCH", format!("No enum match for: {found}"));
    }
    match found {
        Value::String(text) => {
            if schema["format"] == "email" && !is_email(text) {
                error("INVALID_FORMAT", format!("Object didn't pass validation for format email: {text}"));
            }
            if let Some(pattern) = schema["pattern"].as_str()
                && !matches(pattern, text)
            {
                error("PATTERN", format!("String does not match pattern {pattern}: {text}"));
            }
        }
        Value::Array(items) => {
            let (count, bound) = (items.len() as u64, |name: &str| schema[name].as_u64());
            if let Some(max) = bound("maxItems").filter(|max| count > *max) {
                error("ARRAY_LENGTH_LONG", format!("Array is too long ({count}), maximum {max}"));
            }
            if let Some(min) = bound("minItems").filter(|min| count < *min) {
                error("ARRAY_LENGTH_SHORT", format!("Array is too short ({count}), minimum {min}"));
            }
            for (index, item) in items.iter().enumerate() {
                value(&schema["items"], item, &format!("{path}[{index}]"), errors);
            }
        }
        Value::Object(members) => object(schema, members, path, errors),
        _ => {}
    }
}

fn object(schema: &Value, members: &Map<String, Value>, path: &str, errors: &mut Vec<Value>) {
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            let message = format!("Missing required property: {name}");
            errors.push(json!({"code": "OBJECT_REQUIRED", "message": message, "path": join(name)}));
        }
    }
    if let Some(max) = schema["maxProperties"].as_u64().filter(|max| members.len() as u64 > *max) {
        let message = format!("Too many properties defined ({}), maximum {max}", members.len());
        errors.push(report("OBJECT_PROPERTIES_MAXIMUM", &message, path));
    }
    for (name, member) in members {
        match schema["properties"].get(name) {
            Some(schema) => value(schema, member, &join(name), errors),
            None if schema["additionalProperties"] == false => {
                let message = format!("Additional properties not allowed: {name}");
                errors.push(report("OBJECT_ADDITIONAL_PROPERTIES", &message, path));
            }
            None => {}
        }
    }
}

fn report(code: &str, message: &str, path: &str) -> Value {
    if path.is_empty() {
        return json!({"code": code, "message": message});
    }
    json!({"code": code, "message": format!("Error in {path} property - {message}"), "path": path})
}

fn is_a(expected: &str, found: &Value) -> bool {
    let found = type_of(found);
    found == expected || (expected == "number" && found == "integer")
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        // As in JavaScript, in which the importer is written, 64.0 is an integer.
        Value::Number(number) if number.as_f64().is_some_and(|double| double.fract() != 0.0) => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    !local.is_empty()
        && !local.contains(|c: char| c.is_whitespace() || c == '@' || c == ',')
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// Matches one of the two patterns of the schema.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[A-Z2-7]+$" => {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte))
        }
        "^\\+[0-9]{1,15}$" => text.strip_prefix('+').is_some_and(|digits| {
            (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        }),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_each_rule_with_message_of_the_validator() {
        let user = json!({"email_verified": "true", "nickname": 7, "id": 1, "mfa_factors": [{"totp": {"secret": "a1"}}],
            "custom_password_hash": {"algorithm": "rot13"}});
        let messages: Vec<String> =
            check(&user).iter().map(|e| format!("{} {}", e["code"], e["message"])).collect();
        for expected in [
            r#""OBJECT_REQUIRED" "Missing required property: email""#,
            r#""INVALID_TYPE" "Error in email_verified property - Expected type boolean but found type string""#,
            r#""INVALID_TYPE" "Error in nickname property - Expected type string but found type integer""#,
            r#""OBJECT_ADDITIONAL_PROPERTIES" "Additional properties not allowed: id""#,
            r#""PATTERN" "Error in mfa_factors[0].totp.secret property - String does not match pattern ^[A-Z2-7]+$: a1""#,
            r#""OBJECT_REQUIRED" "Missing required property: hash""#,
            r#""ENUM_MISMATCH" "Error in custom_password_hash.algorithm property - No enum match for: \"rot13\"""#,
        ] {
            assert!(messages.iter().any(|message| message == expected), "{expected}\n{messages:#?}");
        }
        assert_eq!(messages.len(), 7);
    }

    #[test]
    fn number_without_fraction_is_an_integer_in_any_notation() {
        let messages = |keylen: &str| {
            let hash = format!(r#"{{"algorithm":"scrypt","hash":{{}},"keylen":{keylen}}}"#);
            let hash: Value = serde_json::from_str(&hash).unwrap();
            let user = json!({"email": "ada@example.com", "custom_password_hash": hash});
            check(&user).iter().map(|e| format!("{} {}", e["code"], e["message"])).collect::<Vec<_>>()
        };
        for integer in ["64", "64.0", "6.4e1", "-0.0", "1e30"] {
            assert_eq!(messages(integer), [""; 0], "{integer}");
        }
        let number = "\"INVALID_TYPE\" \"Error in custom_password_hash.keylen property - Expected type integer but \
                      found type number\"";
        assert_eq!(messages("64.5"), [number]);
    }

    #[test]
    fn valid_user_has_no_errors() {
        assert!(check(&json!({"email": "ada@example.com", "app_metadata": {"a": {"b": 1}}})).is_empty());
    }
}
