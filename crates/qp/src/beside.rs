//! What is computed from something shared, kept beside it as long as it lives.

use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Values by what they were computed from. A value is a function of its origin alone, so keeping it moves no bit.
///
/// The origin is known by its address. That is safe: an entry holds a weak reference, which keeps the address from being
/// used again, and `Arc::get_mut` and `Arc::make_mut` never change in place what a weak reference points to.
#[derive(Debug)]
pub struct Beside<K, V> {
    known: Mutex<Vec<(Weak<K>, V)>>,
}

impl<K, V: Clone> Beside<K, V> {
    /// Nothing kept yet.
    pub const fn new() -> Self {
        Self { known: Mutex::new(Vec::new()) }
    }

    /// The value of `origin`, made by `make` unless it is kept. Two threads may make it at once; the first one's is kept.
    pub fn get(&self, origin: &Arc<K>, make: impl FnOnce() -> V) -> V {
        let find = |known: &[(Weak<K>, V)]| {
            let own = |entry: &&(Weak<K>, V)| entry.0.as_ptr() == Arc::as_ptr(origin);
            known.iter().find(own).map(|(_, value)| value.clone())
        };
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = find(&lock()) {
            return value;
        }
        let value = make();
        let mut known = lock();
        if let Some(kept) = find(&known) {
            return kept;
        }
        known.retain(|(origin, _)| origin.strong_count() > 0);
        known.push((Arc::downgrade(origin), value.clone()));
        value
    }
}

impl<K, V: Clone> Default for Beside<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once_and_never_outlives_a_change_of_its_origin() {
        let squares = Beside::new();
        let mut made = 0;
        let mut origin = Arc::new(3);
        let mut square = |origin: &Arc<i32>| {
            squares.get(origin, || {
                made += 1;
                **origin * **origin
            })
        };
        assert_eq!((square(&origin), square(&origin)), (9, 9));
        let other = Arc::new(3);
        assert_eq!(square(&other), 9, "equal is not the same");
        *Arc::make_mut(&mut origin) = 5;
        assert_eq!(square(&origin), 25);
        drop(other);
        assert_eq!(square(&Arc::new(7)), 49);
        assert_eq!(made, 4);
        // Those that are gone left when the last one came.
        assert_eq!(squares.known.lock().unwrap().len(), 2);
    }
}
