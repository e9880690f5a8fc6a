//! Top-level keys that are read as another path: flat paths, and other spellings of known properties.
//!
//! They fill separate slots, which are used only if the path itself is missing. For other keys, the only cost is a
//! check of the first byte and the length.

use super::{PathTree, Targets};
use crate::json::{Name, Scanner, SyntaxError};
use crate::path::{FieldPath, Segment};
use crate::projection::row::{RowBuffer, Slot};
use crate::user::property::NAMES;
use crate::user::spelling::{self, alias_of, titles};

/// A known property that has other spellings and is on a path of the tree.
#[derive(Debug)]
pub(super) struct Aliased {
    /// The property, as in [`Alias::path`](crate::user::spelling::Alias::path).
    name: &'static str,
    path: FieldPath,
}

/// The maximum number of flat keys that are cached with their parsed path.
const MAX_FLAT_KEYS: usize = 1_000;

/// The maximum length of a flat key, in bytes.
const MAX_FLAT: usize = 1_024;

impl PathTree {
    /// Returns true if an unescaped name may be a flat key or another spelling of a known property. Called only for
    /// names that are not members of the tree. The check is cheap, and rarely returns true.
    #[inline]
    pub(super) fn may_alias(&self, name: &str) -> bool {
        let first = name.as_bytes().first().copied().unwrap_or_default();
        let flat = self.flat_starts[usize::from(first >> 6)] >> (first & 63) & 1 == 1;
        (flat && is_marked(name)) || (self.may_spell(name, first) && self.aliased(name).is_some())
    }

    /// Returns true if the first byte and the number of letters of the name match one of the spellings.
    #[inline]
    fn may_spell(&self, name: &str, first: u8) -> bool {
        self.alias_starts >> (first & 31) & 1 == 1
            && self.alias_lengths.have_length(spelling::letters(name).count())
    }

    /// If the name is another spelling of a known property, returns the index of the property in `aliased`, and
    /// true if the spelling is the title.
    fn aliased(&self, name: &str) -> Option<(usize, bool)> {
        let alias = alias_of(name)?;
        let place = self.aliased.iter().position(|known| known.name == alias.path)?;
        Some((place, alias.title.is_some()))
    }

    /// If `name` is a flat key or another spelling, reads the next value into the slots for these. Does not advance
    /// the scanner.
    #[cold]
    pub(super) fn walk_alias(
        &self,
        name: &Name<'_>,
        scanner: &Scanner<'_>,
        buffer: &mut RowBuffer,
    ) -> std::result::Result<(), SyntaxError> {
        let decoded = name.decoded();
        if is_marked(&decoded) {
            if !buffer.flat_keys.contains_key(name.raw()) {
                if buffer.flat_keys.len() >= MAX_FLAT_KEYS {
                    buffer.flat_keys.clear();
                }
                buffer.flat_keys.insert(name.raw().into(), decoded.parse().ok());
            }
            // The path is moved out of the buffer during the walk, because the walk borrows the buffer mutably.
            let cached = buffer.flat_keys.get_mut(name.raw()).and_then(Option::take);
            if let Some(path) = cached {
                let walked = self.walk_below(0, path.segments(), scanner, buffer.flat());
                if let Some(place) = buffer.flat_keys.get_mut(name.raw()) {
                    *place = Some(path);
                }
                walked?;
            }
        }
        let Some((place, is_title)) = self.aliased(&decoded) else { return Ok(()) };
        let path = self.aliased[place].path.segments();
        if is_title {
            return self.walk_below(0, path, scanner, buffer.titled());
        }
        // If there are several spellings that are not the title, the first one counts.
        match buffer.respelled(place, path.len() > 1) {
            Some(slots) => self.walk_below(0, path, scanner, slots),
            None => Ok(()),
        }
    }

    /// Reads the next value as if it were at `path` below `node`. Uses a copy of the scanner, so the scanner does
    /// not advance.
    fn walk_below(
        &self,
        node: u32,
        path: &[Segment],
        scanner: &Scanner<'_>,
        slots: &mut [Slot],
    ) -> std::result::Result<(), SyntaxError> {
        let Some((first, rest)) = path.split_first() else {
            return self.walk(node, &mut scanner.clone(), slots);
        };
        for target in self.steps(node, first).into_iter().flatten() {
            self.walk_below(target, rest, scanner, slots)?;
        }
        Ok(())
    }

    /// Returns the nodes that one step of a flat key leads to, each once. There are at most three: for a name, for
    /// an index and for a number.
    fn steps(&self, node: u32, step: &Segment) -> [Option<u32>; 3] {
        let node = &self.nodes[node as usize];
        let named = |name: &str| {
            let place = node.place(name).ok();
            place.map(|place| node.members[place].targets)
        };
        let indexed = |index: u32| {
            let place = node.items.binary_search_by_key(&index, |item| item.0).ok();
            place.map(|place| node.items[place].1)
        };
        let found = match step {
            Segment::Name(name) => [named(name), None],
            Segment::Index(index) => [None, indexed(*index)],
            Segment::Number(number) => [named(&number.to_string()), indexed(*number)],
        };
        let mut steps = [None; 3];
        let all = found.into_iter().flatten().flat_map(|Targets(first, second)| [Some(first), second]);
        for target in all.flatten() {
            if !steps.contains(&Some(target))
                && let Some(free) = steps.iter_mut().find(|step| step.is_none())
            {
                *free = Some(target);
            }
        }
        steps
    }

    /// Collects which top-level names may be aliases. Called once, after the nodes are compiled.
    pub(super) fn collect_aliases(&mut self) {
        for name in NAMES.into_iter().chain(titles().map(|(_, path)| path)) {
            if self.aliased.iter().all(|known| known.name != name)
                && let Ok(path) = FieldPath::parsed(name)
                && self.has_target(0, path.segments())
            {
                let titles = titles().filter(|(_, path)| *path == name).map(|(title, _)| title);
                titles.chain([name]).for_each(|spelling| {
                    self.alias_lengths.add_length(spelling::letters(spelling).count());
                    let first = spelling.as_bytes().first().copied().unwrap_or_default();
                    // The lower five bits of an ASCII letter are the same in upper and lower case.
                    self.alias_starts |= 1 << (first & 31);
                });
                self.aliased.push(Aliased { name, path });
            }
        }
        // Flat keys such as `user.email`, `["email"]` and `/a.b` can be any path. All other flat keys begin with
        // the same byte as the path.
        let mut starts = vec![b'u', b'[', b'/'];
        for member in &self.nodes[0].members {
            starts.extend(member.name.bytes().next());
        }
        for start in starts {
            self.flat_starts[usize::from(start >> 6)] |= 1 << (start & 63);
        }
        let aliased: Vec<bool> = self.nodes[0]
            .members
            .iter()
            .map(|member| is_marked(&member.name) || self.aliased(&member.name).is_some())
            .collect();
        for (member, aliased) in self.nodes[0].members.iter_mut().zip(aliased) {
            member.aliased = aliased;
        }
    }

    fn has_target(&self, node: u32, path: &[Segment]) -> bool {
        let Some((first, rest)) = path.split_first() else { return true };
        self.steps(node, first).into_iter().flatten().any(|target| self.has_target(target, rest))
    }
}

/// How a top-level name of a record spells a path that is not the name itself. In the order in which they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// The path as one flat key: `"app_metadata.plan"`.
    Flat,
    /// The title of a property in a default-field export: `"Email Verified"`.
    Title,
    /// A known property in another case or with other separators: `"EMAIL"`.
    Other,
}

/// Returns the paths that a top-level name spells, other than the name itself. At most two: as a flat key, and as another
/// spelling of a known property.
///
/// [`PathTree::read`] uses the value of such a name if the path itself is missing.
///
/// ```
/// use reimport::projection::{Spelling, spelled_paths};
///
/// let spelled = |name| spelled_paths(name).map(|(how, path)| (how, path.to_string())).collect::<Vec<_>>();
/// assert_eq!(spelled("app_metadata.plan"), [(Spelling::Flat, "app_metadata.plan".to_owned())]);
/// assert_eq!(spelled("Email Verified"), [(Spelling::Title, "email_verified".to_owned())]);
/// assert_eq!(spelled("email"), []);
/// ```
pub fn spelled_paths(name: &str) -> impl Iterator<Item = (Spelling, FieldPath)> + use<> {
    let flat = if is_marked(name) { name.parse().ok() } else { None };
    let alias = alias_of(name).and_then(|alias| {
        let how = if alias.title.is_some() { Spelling::Title } else { Spelling::Other };
        Some((how, FieldPath::parsed(alias.path).ok()?))
    });
    flat.map(|path| (Spelling::Flat, path)).into_iter().chain(alias)
}

/// Returns true if the name may be a path of more than one step, and is not longer than a flat key may be.
pub(in crate::projection) fn is_marked(name: &str) -> bool {
    name.len() <= MAX_FLAT && name.bytes().any(|byte| matches!(byte, b'.' | b'['))
}
