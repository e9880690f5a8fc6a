//! The filter that the options describe.

use std::ops::Not;
use std::path::PathBuf;

use anyhow::ensure;
use reimport::filter::{Filter, Ids};

use super::inputs;
use crate::args::FilterArgs;

/// Returns the filter of the options, limited to `connections` if there are any.
pub(super) fn filter(args: &FilterArgs, connections: &[String]) -> anyhow::Result<Filter> {
    let conditions = args.conditions.iter().cloned();
    let negated = args.not_conditions.iter().cloned().map(Not::not);
    let mut filter = conditions.chain(negated).fold(Filter::new(), Filter::and);
    for name in connections {
        filter = filter.connection(name);
    }
    if !args.ids.is_empty() {
        let ids = ids(&args.ids)?;
        let files: Vec<_> = args.ids.iter().map(|path| path.display().to_string()).collect();
        ensure!(!ids.is_empty(), "--ids {}: expected user ids, but found none", files.join(" --ids "));
        filter = filter.ids(ids);
    }
    if !args.not_ids.is_empty() {
        filter = filter.not_ids(ids(&args.not_ids)?);
    }
    Ok(filter)
}

fn ids(paths: &[PathBuf]) -> anyhow::Result<Ids> {
    let mut ids = Ids::new();
    for path in paths {
        ids.add(inputs::source(path)?)?;
    }
    Ok(ids)
}

/// Returns the files that the filter reads.
pub(super) fn files(args: &FilterArgs) -> impl Iterator<Item = &PathBuf> {
    args.ids.iter().chain(&args.not_ids)
}
