//! Checks the parameters of scrypt against the ranges of the service's OpenSSL. A hash outside of them cannot be
//! verified.

use super::custom_password_hash::path;
use crate::run::Problem;
use crate::user::names;

const DEFAULT_BLOCK_SIZE: i64 = 8;
const DEFAULT_PARALLELIZATION: i64 = 1;
/// `keylen` is an `int`.
const MAX_KEYLEN: i64 = (1 << 31) - 1;
/// The maximum of `blockSize` times `parallelization`, and so of each of them.
const MAX_PRODUCT: i64 = (1 << 30) - 1;
/// `cost` is an unsigned 32-bit number and a power of two.
const MAX_COST: i64 = 1 << 31;
/// `cost` must be less than 2^(16 * `blockSize`) (RFC 7914, 2). This limit is below [`MAX_COST`] only if `blockSize` is 1.
const MAX_COST_OF_SMALL_BLOCKS: i64 = (1 << 16) - 1;

/// Checks all four parameters, of which only `keylen` has no default. Returns the number of bytes that `keylen`
/// gives.
pub(super) fn check(
    [keylen, cost, block_size, parallelization]: [Option<i64>; 4],
    problems: &mut Vec<Problem>,
) -> Option<usize> {
    let mut broken =
        |path: &str, message: String| problems.push(Problem::new(names::SCRYPT_PARAMETERS, path, message));
    let keylen = in_range(keylen, MAX_KEYLEN, path::KEYLEN, &mut broken);
    if let Some(cost) = cost {
        let is_power = cost > 1 && cost & (cost - 1) == 0;
        if !is_power || cost > MAX_COST {
            broken(
                path::COST,
                format!("expected a power of two from 2 to {MAX_COST}, but found another number"),
            );
        } else if block_size == Some(1) && cost > MAX_COST_OF_SMALL_BLOCKS {
            broken(
                path::COST,
                format!("expected at most {MAX_COST_OF_SMALL_BLOCKS} with a blockSize of 1, but found more"),
            );
        }
    }
    let good_r = in_range(block_size, MAX_PRODUCT, path::BLOCK_SIZE, &mut broken);
    let good_p = in_range(parallelization, MAX_PRODUCT, path::PARALLELIZATION, &mut broken);
    let r = if block_size.is_none() { Some(DEFAULT_BLOCK_SIZE) } else { good_r };
    let p = if parallelization.is_none() { Some(DEFAULT_PARALLELIZATION) } else { good_p };
    if let (Some(r), Some(p)) = (r, p)
        && r * p > MAX_PRODUCT
    {
        let path = if parallelization.is_some() { path::PARALLELIZATION } else { path::BLOCK_SIZE };
        broken(
            path,
            format!("expected blockSize times parallelization of at most {MAX_PRODUCT}, but found more"),
        );
    }
    keylen.and_then(|keylen| usize::try_from(keylen).ok())
}

/// Returns the number if it is from 1 to `max`. If it is not, reports it to `broken`.
fn in_range(number: Option<i64>, max: i64, path: &str, broken: &mut impl FnMut(&str, String)) -> Option<i64> {
    let good = number.filter(|number| (1..=max).contains(number));
    if number.is_some() && good.is_none() {
        broken(path, format!("expected a number from 1 to {max}, but found one outside"));
    }
    good
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn broken(parameters: [Option<i64>; 4]) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        check(parameters, &mut problems);
        problems
            .into_iter()
            .map(|problem| {
                assert_eq!(problem.rule, "scrypt-parameters");
                (problem.path.replace("custom_password_hash.", ""), problem.message)
            })
            .collect()
    }

    #[test]
    fn each_parameter_has_its_range() {
        let of = |path: &str, message: &str| vec![(path.to_owned(), message.to_owned())];
        let product = "expected blockSize times parallelization of at most 1073741823, but found more";
        let power = "expected a power of two from 2 to 2147483648, but found another number";
        for (parameters, expected) in [
            ([Some(64), None, None, None], vec![]),
            ([Some(2_147_483_647), Some(2_147_483_648), Some(2), Some(536_870_911)], vec![]),
            ([None, Some(2), Some(1), Some(1_073_741_823)], vec![]),
            ([None, Some(32768), Some(1), None], vec![]),
            (
                [Some(2_147_483_648), None, None, None],
                of("keylen", "expected a number from 1 to 2147483647, but found one outside"),
            ),
            (
                [Some(0), None, None, None],
                of("keylen", "expected a number from 1 to 2147483647, but found one outside"),
            ),
            ([None, Some(4_294_967_296), None, None], of("cost", power)),
            ([None, Some(i64::MAX), None, None], of("cost", power)),
            ([None, Some(i64::MIN), None, None], of("cost", power)),
            ([None, Some(1), None, None], of("cost", power)),
            ([None, Some(0), None, None], of("cost", power)),
            ([None, Some(48), None, None], of("cost", power)),
            (
                [None, Some(65536), Some(1), None],
                of("cost", "expected at most 65535 with a blockSize of 1, but found more"),
            ),
            ([None, None, None, Some(134_217_728)], of("parallelization", product)),
            ([None, None, Some(32768), Some(32768)], of("parallelization", product)),
            (
                [None, None, Some(1_073_741_824), None],
                of("blockSize", "expected a number from 1 to 1073741823, but found one outside"),
            ),
            (
                [None, None, Some(-1), Some(0)],
                [
                    of("blockSize", "expected a number from 1 to 1073741823, but found one outside"),
                    of("parallelization", "expected a number from 1 to 1073741823, but found one outside"),
                ]
                .concat(),
            ),
        ] {
            assert_eq!(broken(parameters), expected, "{parameters:?}");
        }
        assert_eq!(check([Some(32), None, None, None], &mut Vec::new()), Some(32));
        assert_eq!(check([Some(-32), None, None, None], &mut Vec::new()), None);
    }

    proptest! {
        /// The ranges of RFC 7914, sections 2 and 6, with the integer widths of OpenSSL and Node.js, computed without
        /// overflow.
        #[test]
        fn ranges_match_the_algorithm(parameters in prop::array::uniform4(prop::option::of(number()))) {
            let [keylen, n, r, p] = parameters.map(|number| number.map(i128::from));
            let (length, n, r, p) = (keylen.unwrap_or(1), n.unwrap_or(16384), r.unwrap_or(8), p.unwrap_or(1));
            let powers: Vec<i128> = (1..32).map(|power| 1 << power).collect();
            let good = length > 0
                && length < 1 << 31
                && powers.contains(&n)
                && (r > 0 && p > 0 && r * p < 1 << 30)
                && (r >= 2 || n < 1 << (16 * r));
            prop_assert_eq!(broken(parameters).is_empty(), good);
        }
    }

    /// Returns powers of two and their neighbours. Other numbers would almost never be valid.
    fn number() -> impl Strategy<Value = i64> {
        prop_oneof![
            4 => (0..24_u32, Just(0)),
            1 => (0..63_u32, select(&[-1_i64, 0, 1][..])),
        ]
        .prop_map(|(power, more)| (1_i64 << power) + more)
    }
}
