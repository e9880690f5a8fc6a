//! A bar of the results of all users, with a label, a count and a share for each piece.

use super::table::width;
use crate::report::page::grouped;

/// Data of `templates/bar.html`.
pub(super) struct Bar {
    /// Description for screen readers.
    pub(super) title: String,
    pub(super) pieces: Vec<Piece>,
}

pub(super) struct Piece {
    pub(super) label: &'static str,
    pub(super) tone: &'static str,
    pub(super) count: String,
    /// Empty if the piece has no share.
    pub(super) share: String,
    what: String,
    users: u64,
    /// In thousandths of the bar.
    pub(super) x: u64,
    pub(super) width: u64,
}

impl Piece {
    pub(super) fn new(label: &'static str, tone: &'static str, users: u64) -> Self {
        let (share, what) = (String::new(), String::new());
        Self { label, tone, count: grouped(users), share, what, users, x: 0, width: 0 }
    }

    pub(super) fn share(self, share: String) -> Self {
        Self { share, ..self }
    }

    pub(super) fn what(self, what: impl Into<String>) -> Self {
        Self { what: what.into(), ..self }
    }

    /// Returns the text under the count.
    pub(super) fn note(&self) -> String {
        let texts = [self.share.as_str(), self.what.as_str()].into_iter().filter(|words| !words.is_empty());
        texts.collect::<Vec<_>>().join(", ")
    }
}

impl Bar {
    /// Places the pieces of `whole` next to each other.
    pub(super) fn new(title: String, whole: u64, pieces: impl Iterator<Item = Piece>) -> Self {
        let mut x = 0;
        let mut pieces: Vec<Piece> = pieces
            .map(|piece| {
                let placed = Piece { x, width: width(piece.users, whole), ..piece };
                x += placed.width;
                placed
            })
            .collect();
        // Very small pieces are drawn wider, so that they are visible. The widest piece is made narrower by the
        // difference.
        if let Some(widest) = (0..pieces.len()).max_by_key(|&at| pieces[at].width).filter(|_| x > 0) {
            let fitted = |value: u64| (value + 1000).saturating_sub(x);
            pieces[widest].width = fitted(pieces[widest].width);
            for piece in &mut pieces[widest + 1..] {
                piece.x = fitted(piece.x);
            }
        }
        Self { title, pieces }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonzero_pieces_are_visible_and_fill_the_bar() {
        for users in [[1_000_000, 1, 0, 3], [1, 1, 1, 0], [0, 0, 0, 0], [2, 0, 9_999, 40_000]] {
            let whole = users.iter().sum();
            let bar =
                Bar::new(String::new(), whole, users.map(|users| Piece::new("", "", users)).into_iter());
            let mut x = 0;
            for (piece, users) in bar.pieces.iter().zip(users) {
                assert_eq!(piece.x, x);
                assert_eq!(piece.width >= 3, users > 0, "{users} of {whole}");
                x += piece.width;
            }
            assert_eq!(x, if whole > 0 { 1000 } else { 0 });
        }
    }
}
