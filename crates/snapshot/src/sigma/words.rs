//! A list of 32-bit words, of a length that the reader knows.
//!
//! | first byte | what follows |
//! |---|---|
//! | 0 | nothing: every word is 0 |
//! | 1 | pco, see below |
//! | 2 | one zstd frame of the bytes, shuffled by fours; for at most 65,536 words |
//!
//! pco is its wrapped format, version 4.1: the two bytes of its header, then for each 262,144 words (the last time for what
//! is left) the metadata of a chunk of type `u32` and its one page. Mode is classic and there is no delta encoding, so that
//! the first byte of the metadata is 0: with others the metadata itself may ask for much memory.

use crate::Error;
use crate::codec::{shuffle, unzstd};
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, DeltaSpec, FULL_BATCH_N, ModeSpec, PagingSpec};

/// Words of a chunk.
const CHUNK: usize = 1 << 18;
/// Words that are decoded at once.
const BATCH: usize = 8 * FULL_BATCH_N;
/// Level of pco; beyond it nothing is gained on covariances.
const PCO_LEVEL: usize = 8;
/// Level of zstd, which is only ever smaller where there is little to store.
const ZSTD_LEVEL: i32 = 3;
/// Words up to which zstd is tried at all.
const ZSTD_MOST: usize = 1 << 16;
/// What pco's wrapped format begins with.
const PCO_HEADER: [u8; 2] = [4, 1];

/// The shortest form of `words`.
///
/// # Errors
/// [`Error::NotStorable`]: what a compressor says.
pub(super) fn write(part: &'static str, words: &[u32]) -> Result<Vec<u8>, Error> {
    if words.iter().all(|word| *word == 0) {
        return Ok(vec![0]);
    }
    let mut best = vec![1];
    pco_write(part, words, &mut best)?;
    if words.len() <= ZSTD_MOST {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let frame = zstd::bulk::compress(&shuffle(&bytes), ZSTD_LEVEL)
            .map_err(|error| Error::NotStorable { part, problem: error.to_string() })?;
        if frame.len() + 1 < best.len() {
            best = [&[2], &frame[..]].concat();
        }
    }
    Ok(best)
}

fn pco_write(part: &'static str, words: &[u32], to: &mut Vec<u8>) -> Result<(), Error> {
    let failed = |error: pco::errors::PcoError| Error::NotStorable { part, problem: format!("pco: {error}") };
    let config = ChunkConfig::default()
        .with_compression_level(PCO_LEVEL)
        .with_mode_spec(ModeSpec::Classic)
        .with_delta_spec(DeltaSpec::NoOp)
        .with_paging_spec(PagingSpec::EqualPagesUpTo(CHUNK));
    let file = FileCompressor::default();
    file.write_header(&mut *to).map_err(failed)?;
    for chunk in words.chunks(CHUNK) {
        let mut compressor = file.chunk_compressor::<u32>(chunk, &config).map_err(failed)?;
        compressor.write_meta(&mut *to).map_err(failed)?;
        compressor.write_page(0, &mut *to).map_err(failed)?;
    }
    Ok(())
}

/// Hands `count` words to `take`, piece by piece and in order. Every byte of `stored` is used.
///
/// # Errors
/// [`Error::Damaged`].
pub(super) fn read(
    part: &'static str,
    stored: &[u8],
    count: usize,
    mut take: impl FnMut(&[u32]),
) -> Result<(), Error> {
    match stored.split_first() {
        Some((0, [])) => {
            let zeros = [0; BATCH];
            let mut left = count;
            while left > 0 {
                let now = left.min(BATCH);
                take(&zeros[..now]);
                left -= now;
            }
            Ok(())
        }
        Some((1, rest)) => pco_read(part, rest, count, &mut take),
        Some((2, _)) if count > ZSTD_MOST => {
            Err(Error::damaged(part, format!("zstd for at most {ZSTD_MOST} words"), count))
        }
        Some((2, rest)) => {
            let bytes = unzstd(part, rest, 4 * count)?;
            let (a, rest) = bytes.split_at(count);
            let (b, rest) = rest.split_at(count);
            let (c, d) = rest.split_at(count);
            let planes = a.iter().zip(b).zip(c).zip(d);
            let words: Vec<u32> =
                planes.map(|(((a, b), c), d)| u32::from_le_bytes([*a, *b, *c, *d])).collect();
            take(&words);
            Ok(())
        }
        _ => Err(Error::damaged(part, "a list of words", "another first byte")),
    }
}

fn pco_read(
    part: &'static str,
    stored: &[u8],
    count: usize,
    take: &mut impl FnMut(&[u32]),
) -> Result<(), Error> {
    let failed = |error: pco::errors::PcoError| Error::damaged(part, "a pco stream", error);
    if !stored.starts_with(&PCO_HEADER) {
        return Err(Error::damaged(part, "pco's header", "other bytes"));
    }
    let (file, mut rest) = FileDecompressor::new(stored).map_err(failed)?;
    let mut words = [0; BATCH];
    let mut left = count;
    while left > 0 {
        if rest.first() != Some(&0) {
            return Err(Error::damaged(part, "pco's classic mode without delta", "another"));
        }
        let of_chunk = left.min(CHUNK);
        let (mut chunk, body) = file.chunk_decompressor::<u32, _>(rest).map_err(failed)?;
        let mut page = chunk.page_decompressor(body, of_chunk).map_err(failed)?;
        let mut of_page = of_chunk;
        while of_page > 0 {
            let now = of_page.min(BATCH);
            let progress = page.read(&mut words[..now]).map_err(failed)?;
            if progress.n_processed != now {
                return Err(Error::damaged(part, format!("{now} words"), progress.n_processed));
            }
            take(&words[..now]);
            of_page -= now;
        }
        rest = page.into_src();
        left -= of_chunk;
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Error::damaged(part, "the end of the words", format!("{} more bytes", rest.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(count: usize, shift: u32) -> Vec<u32> {
        (0..count as u32).map(|k| (k ^ 0x4d).wrapping_mul(2_654_435_761) >> shift).collect()
    }

    fn back(stored: &[u8], count: usize) -> Result<Vec<u32>, Error> {
        let mut words = Vec::new();
        read("test", stored, count, |some| words.extend_from_slice(some))?;
        Ok(words)
    }

    #[test]
    fn every_form_gives_back_the_words() {
        for count in [0, 1, 2, 255, 256, 257, 5000, CHUNK, CHUNK + 1] {
            for words in [vec![0; count], noise(count, 0), noise(count, 9), noise(count, 30)] {
                let stored = write("test", &words).unwrap();
                assert_eq!(back(&stored, count).unwrap(), words);
                assert!(back(&[&stored[..], &[0]].concat(), count).is_err());
                // Words that are all alike take no bits each, so that any number of them can be read.
                for wrong in [count + 1, count.saturating_sub(1), 4 * count + 777] {
                    assert!(wrong == count || back(&stored, wrong).map_or(true, |found| found != words));
                }
                for form in [1, 2] {
                    let mut stored = vec![form];
                    if form == 1 {
                        pco_write("test", &words, &mut stored).unwrap();
                    } else {
                        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
                        stored.extend(zstd::bulk::compress(&shuffle(&bytes), 1).unwrap());
                    }
                    if form == 2 && count > ZSTD_MOST {
                        assert!(back(&stored, count).unwrap_err().to_string().contains("at most 65536"));
                        continue;
                    }
                    assert_eq!(back(&stored, count).unwrap(), words, "{form} {count}");
                }
            }
        }
        assert!(back(&[], 0).is_err() && back(&[3], 0).is_err());
    }

    /// What the metadata of a chunk could ask memory for is refused by its first byte.
    #[test]
    fn only_the_classic_mode_without_delta_is_read() {
        let mut stored = vec![1];
        pco_write("test", &noise(1000, 5), &mut stored).unwrap();
        assert_eq!(stored[..4], [1, PCO_HEADER[0], PCO_HEADER[1], 0]);
        for other in 1..=255 {
            stored[3] = other;
            let error = back(&stored, 1000).unwrap_err().to_string();
            assert!(error.contains("classic mode"), "{other}: {error}");
        }
    }
}
