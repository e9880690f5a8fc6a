//! A naive implementation that normalises JSON values with `serde_json`. Numbers are written with all their digits.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Returns the members of an object. The last of a repeated name is kept.
pub(super) fn members(text: &str) -> BTreeMap<String, String> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).expect("an object");
    members.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect()
}

/// Returns the same text for all texts of the same value.
pub(super) fn canonical(text: &str) -> String {
    let text = text.trim();
    match text.as_bytes()[0] {
        b'{' => {
            let members =
                members(text).into_iter().map(|(name, value)| format!("{name:?}:{}", canonical(&value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        b'[' => {
            let items: Vec<Box<RawValue>> = serde_json::from_str(text).expect("an array");
            format!("[{}]", items.iter().map(|item| canonical(item.get())).collect::<Vec<_>>().join(","))
        }
        b'"' => format!("{:?}", serde_json::from_str::<String>(text).expect("a string")),
        b'-' | b'0'..=b'9' => spelled_out(text),
        _ => text.to_owned(),
    }
}

/// Returns the number with 60 digits on each side of the decimal point. The exponent must be small.
fn spelled_out(text: &str) -> String {
    let lower = text.trim_start_matches('-').to_lowercase();
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole:0>60}{fraction:0<60}");
    let exponent: i32 = exponent.parse().expect("a small exponent");
    if exponent >= 0 {
        digits.rotate_left_by(exponent.unsigned_abs() as usize);
    } else {
        digits.rotate_right_by(exponent.unsigned_abs() as usize);
    }
    let zero = digits.bytes().all(|digit| digit == b'0');
    format!("{}{digits}", if text.starts_with('-') && !zero { "-" } else { "" })
}

trait Rotate {
    fn rotate_left_by(&mut self, count: usize);
    fn rotate_right_by(&mut self, count: usize);
}

impl Rotate for String {
    fn rotate_left_by(&mut self, count: usize) {
        *self = format!("{}{}", &self[count..], &self[..count]);
    }

    fn rotate_right_by(&mut self, count: usize) {
        self.rotate_left_by(self.len() - count);
    }
}
