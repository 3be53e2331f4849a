//! Days by accounts: a lettered cell each, with a legend.

use crate::canvas::{Canvas, FONT, Side, WIDTH};
use crate::palette::{Ink, MARKS};
use crate::picture::{at_most, picture};
use crate::text::{NAME, TITLE, clean};
use crate::{Caption, Error};
use std::fmt::Write;

/// Cells that a picture holds.
const MOST: usize = 50_000;
/// Days in a band; further days stand in a band below.
const DAYS: usize = 30;
const TOP: i32 = 130;
const LEFT: i32 = 270;
const CELL: i32 = 30;
/// Cells that are not identical and are named in the description.
const NAMED: usize = 10;

/// What a cell says, each with a letter and a color of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// `I`: every answer is the recorded one.
    Identical,
    /// `D`: the answer is another one.
    Diverged,
    /// `X`: answers differ among each other.
    Differ,
    /// `F`: whoever tried failed.
    Failed,
    /// `.`: nobody has answered.
    Open,
}

impl Mark {
    /// Its letter.
    pub fn letter(self) -> char {
        MARKS[self as usize].0
    }

    /// What it stands for.
    pub fn meaning(self) -> &'static str {
        MARKS[self as usize].1
    }
}

/// The cells of a board.
#[derive(Debug, Clone)]
pub struct Board<'a> {
    /// From left to right.
    pub days: &'a [String],
    /// From above to below.
    pub accounts: &'a [String],
    /// Account by account, a cell a day; nothing where the account has no decision that day.
    pub cells: &'a [Option<Mark>],
}

/// Days by accounts in bands of 30 days, with a legend that counts.
///
/// # Errors
/// [`Error::Length`], [`Error::TooMany`], [`Error::Id`].
pub fn board(caption: &Caption<'_>, board: &Board<'_>) -> Result<String, Error> {
    at_most(MOST, board.days.len(), "days")?;
    at_most(MOST, board.accounts.len(), "accounts")?;
    let expected = board.days.len() * board.accounts.len();
    at_most(MOST, expected, "cells")?;
    if board.cells.len() != expected {
        return Err(Error::Length { series: "cells".to_owned(), found: board.cells.len(), expected });
    }
    let bands: Vec<(usize, usize)> =
        (0..board.days.len()).step_by(DAYS).map(|k| (k, board.days.len().min(k + DAYS))).collect();
    let band_height = CELL * board.accounts.len() as i32 + 60;
    let height = TOP + band_height * bands.len().max(1) as i32;
    let mut letters = String::new();
    let mut body = Canvas::body(height, |canvas| {
        head(canvas, caption.title, board)?;
        for (k, band) in (0..).zip(&bands) {
            draw(canvas, &mut letters, board, *band, TOP + band_height * k)?;
        }
        if expected == 0 {
            canvas.text("no cells", NAME, (WIDTH / 2, TOP + 20), Side::Middle)
        } else {
            Ok(())
        }
    })?;
    if !letters.is_empty() {
        let _ = write!(body, "<g text-anchor=\"middle\" fill=\"#FFFFFF\">\n{letters}</g>\n");
    }
    picture(caption, height, &about(board), &body)
}

fn counted(board: &Board<'_>) -> [usize; MARKS.len()] {
    let mut counted = [0; MARKS.len()];
    for mark in board.cells.iter().flatten() {
        counted[*mark as usize] += 1;
    }
    counted
}

fn head(canvas: &mut Canvas<'_>, title: &str, board: &Board<'_>) -> Result<(), Error> {
    canvas.text(title, TITLE / 2, (20, 28), Side::Right)?;
    let mut x = 20;
    for (k, (count, (letter, meaning, _))) in counted(board).iter().zip(MARKS).enumerate() {
        canvas.fill((x, 56), (x + CELL - 2, 56 + CELL - 2), Ink::Mark(k))?;
        let text = format!("{letter} {meaning}: {count}");
        canvas.text(&text, NAME, (x + CELL + 6, 70), Side::Right)?;
        x += CELL + 26 + text.len() as i32 * FONT * 50 / 100;
    }
    Ok(())
}

/// A band: its first and last day above, an account a row, a box a run of equal cells.
fn draw(
    canvas: &mut Canvas<'_>,
    letters: &mut String,
    board: &Board<'_>,
    (from, to): (usize, usize),
    top: i32,
) -> Result<(), Error> {
    let x = |day: usize| LEFT + CELL * (day - from) as i32;
    canvas.text(&board.days[from], NAME, (LEFT, top + 4), Side::Right)?;
    if to - from > 12 {
        canvas.text(&board.days[to - 1], NAME, (x(to), top + 4), Side::Left)?;
    }
    for (row, account) in board.accounts.iter().enumerate() {
        let y = top + 24 + CELL * row as i32;
        canvas.text(account, NAME / 2, (20, y + CELL / 2), Side::Right)?;
        let cells = &board.cells[row * board.days.len()..][from..to];
        let mut day = from;
        for run in cells.chunk_by(|a, b| a == b) {
            if let Some(mark) = run[0] {
                let right = x(day + run.len()) - 2;
                canvas.fill((x(day), y), (right, y + CELL - 2), Ink::Mark(mark as usize))?;
            }
            day += run.len();
        }
        // The letters of a row are one element: a place for each, then the letters.
        let shown = || (from..to).zip(cells).filter_map(|(day, cell)| cell.map(|mark| (day, mark)));
        let places: Vec<String> = shown().map(|(day, _)| (x(day) + CELL / 2 - 1).to_string()).collect();
        if !places.is_empty() {
            let row: String = shown().map(|(_, mark)| mark.letter()).collect();
            let _ = writeln!(
                letters,
                "<text y=\"{}\" x=\"{}\">{row}</text>",
                y + CELL / 2 + FONT / 3,
                places.join(" ")
            );
        }
    }
    Ok(())
}

fn about(board: &Board<'_>) -> String {
    let (Some(first), Some(last)) = (board.days.first(), board.days.last()) else {
        return "No cells.".to_owned();
    };
    let counts = counted(board).into_iter().zip(MARKS).filter(|(count, _)| *count > 0);
    let counts: Vec<String> =
        counts.map(|(count, (letter, meaning, _))| format!("{count} {meaning} ({letter})")).collect();
    let mut text = format!(
        "{} days from {} to {}, {} accounts: {}.",
        board.days.len(),
        clean(first, NAME),
        clean(last, NAME),
        board.accounts.len(),
        if counts.is_empty() { "no decisions".to_owned() } else { counts.join(", ") }
    );
    let other = board.cells.iter().enumerate().filter_map(|(k, cell)| {
        let mark = cell.filter(|mark| !matches!(mark, Mark::Identical | Mark::Open))?;
        let (account, day) = (k / board.days.len(), k % board.days.len());
        let account = clean(&board.accounts[account], NAME);
        Some(format!("{account} on {} {}", clean(&board.days[day], NAME), mark.meaning()))
    });
    let named: Vec<String> = other.take(NAMED).collect();
    if !named.is_empty() {
        let _ = write!(text, " The first others: {}.", named.join("; "));
    }
    text
}
