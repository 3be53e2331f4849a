//! What every database must do, written once: each crate that implements `RunStore` runs all of it on its own [`Place`].
#![allow(dead_code, reason = "shared with the tests of other crates")]

pub(crate) mod answers;
pub(crate) mod append;
pub(crate) mod corrections;
pub(crate) mod migrate;
pub(crate) mod replace;
pub(crate) mod tamper;
pub(crate) mod writers;

use samebits_store::Opener;

/// A new place for one store, and the powers of someone who goes behind the store's back.
pub(crate) trait Place: Sync {
    /// Opens the store of this place.
    fn opener(&self) -> Opener;

    /// Executes a statement as any user of the database might; the error's text when it is refused.
    fn accident(&self, statement: &str) -> Result<(), String>;

    /// Executes a statement past every trigger.
    fn forge(&self, statement: &str);

    /// Changes the lowest bit of byte `at` of a value, counted from its begin, or of an integer from its lowest byte: column
    /// `column` of row `row`, in an order that does not depend on this column. Twice restores it. `false` where there is no
    /// such byte, or where the keys of the table forbid the change.
    fn flip(&self, table: &str, column: &str, row: usize, at: usize) -> bool;

    /// Bytes as a literal of its SQL.
    fn literal(&self, bytes: &[u8]) -> String;

    /// What an INSERT must say to set a column that the database numbers itself.
    fn overriding(&self) -> &'static str;

    /// Whether every byte is to be tried, or a sample of them: some databases take longer.
    fn every_byte(&self) -> bool;
}

/// Hexadecimal digits of bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// One test for each part of the suite, on a place that the expression makes; none where it makes none.
macro_rules! suite {
    ($place:expr) => {
        suite! { $place;
            answers::answers_are_found_again,
            answers::keys_come_in_pages,
            answers::answers_are_not_changed_by_accident,
            answers::writers_of_answers_follow_one_another,
            answers::there_are_no_answers_before_they_are_begun,
            append::runs_are_found_again,
            append::pages_leave_no_run_out,
            append::a_run_must_follow_its_account,
            append::all_or_nothing,
            append::accidents_are_stopped_by_the_database,
            append::another_schema_is_refused,
            append::there_is_no_store_before_it_is_made,
            corrections::the_original_stays_and_the_correction_points_at_it,
            corrections::the_account_goes_on_behind_a_correction,
            corrections::what_does_not_fit_is_refused,
            migrate::a_store_of_the_first_schema_gets_new_links,
            migrate::there_and_back_everything_is_the_same,
            migrate::an_interrupted_copy_is_continued,
            migrate::nothing_false_is_copied,
            replace::a_record_in_another_form_keeps_every_id_and_link,
            replace::another_content_is_refused_and_nothing_is_changed,
            replace::the_triggers_come_back,
            tamper::every_byte_of_every_row_is_covered,
            tamper::a_missing_row_is_found,
            tamper::a_broken_hand_over_is_found,
            tamper::a_chain_that_skips_a_run_is_found,
            writers::two_writers_of_an_account_follow_one_another,
            writers::new_accounts_are_made_by_one_of_many,
            writers::a_walk_sees_one_state,
        }
    };
    ($place:expr; $($module:ident :: $name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                if let Some(place) = $place {
                    crate::suite::$module::$name(&place);
                }
            }
        )*
    };
}
