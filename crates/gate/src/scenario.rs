//! Scenarios on disk.

use crate::Error;
use crate::config::{StrategySpec, SymbolSpec};
use samebits_executor::{Event, FeedClock, Instrument, Rules, Strategy};
use samebits_tape::{Options, open};
use serde::Deserialize;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Most bytes of the file of a scenario.
const LONGEST: usize = 1 << 16;

/// The file of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// One line: what it shows.
    about: String,
    /// The rules it was frozen under.
    version: String,
    /// Files of the tape, relative to the folder.
    #[serde(default)]
    tape: Vec<String>,
    /// A frozen Run instead of a tape.
    run: Option<String>,
    /// Stop at breaks in the ids of updates.
    #[serde(default)]
    strict: bool,
    /// Seconds of a bar.
    bar_seconds: Option<u32>,
    /// Nanoseconds by which receive times may lie before venue times.
    #[serde(default)]
    skew_ns: i64,
    /// Faults that it must see.
    #[serde(default)]
    kills: Vec<String>,
    #[serde(default)]
    symbol: Vec<SymbolSpec>,
    #[serde(default)]
    strategy: Vec<StrategySpec>,
}

/// A scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// `group/name`.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    file: File,
}

/// A tape as events, its symbols those of the scenario.
pub(crate) struct Loaded {
    pub(crate) events: Vec<(String, Event)>,
    /// Why reading stopped, if it did.
    pub(crate) failed: Option<samebits_tape::Error>,
}

/// Finds the scenarios under a folder, by name.
///
/// # Errors
/// A folder or file that cannot be read or is not what it should be.
pub fn load(root: &Path) -> Result<Vec<Scenario>, Error> {
    let mut all = Vec::new();
    for group in folders(root)? {
        for folder in folders(&group)? {
            if folder.join("scenario.toml").exists() {
                all.push(load_one(&folder)?);
            }
        }
    }
    Ok(all)
}

/// Reads the scenario in one folder.
///
/// # Errors
/// A file that cannot be read or is not what it should be.
pub fn load_one(folder: &Path) -> Result<Scenario, Error> {
    let path = folder.join("scenario.toml");
    let file = std::fs::File::open(&path).map_err(Error::io(&path))?;
    let mut text = String::new();
    file.take(LONGEST as u64 + 1).read_to_string(&mut text).map_err(Error::io(&path))?;
    Scenario::parse(&path, &text)
}

fn folders(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root).map_err(Error::io(root))? {
        let path = entry.map_err(Error::io(root))?.path();
        if path.is_dir() {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

impl Scenario {
    /// The scenario that `text` describes, the content of the file `path`.
    ///
    /// # Errors
    /// [`Error::Scenario`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let problem = |problem: String| Error::Scenario { path: path.to_owned(), problem };
        if text.len() > LONGEST {
            return Err(problem(format!("more bytes than a scenario has, at most {LONGEST}")));
        }
        let file: File = toml::from_str(text).map_err(|error| problem(error.to_string()))?;
        let folder = path.parent().unwrap_or(path);
        let part = |path: Option<&Path>| {
            let name = path.and_then(Path::file_name);
            name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
        };
        let name = format!("{}/{}", part(folder.parent()), part(Some(folder)));
        Ok(Self { name, folder: folder.to_owned(), file })
    }

    /// Whether its symbols and strategies make sense.
    ///
    /// # Errors
    /// [`Error::Scenario`].
    pub fn check(&self) -> Result<(), Error> {
        self.markets()?;
        self.strategies().map(drop)
    }

    /// One line: what it shows.
    pub fn about(&self) -> &str {
        &self.file.about
    }

    /// The version of the rules it was frozen under.
    pub fn version(&self) -> &str {
        &self.file.version
    }

    /// Faults that it must see.
    pub fn kills(&self) -> &[String] {
        &self.file.kills
    }

    /// Path of its frozen Run, if it is one.
    pub fn run_file(&self) -> Option<PathBuf> {
        self.file.run.as_ref().map(|run| self.folder.join(run))
    }

    /// Path of its expectation.
    pub fn expectation(&self) -> PathBuf {
        self.folder.join("expected.txt")
    }

    pub(crate) const fn skew(&self) -> i64 {
        self.file.skew_ns
    }

    pub(crate) fn bad(&self, problem: impl Into<String>) -> Error {
        Error::Scenario { path: self.folder.join("scenario.toml"), problem: problem.into() }
    }

    /// Names of its symbols, in its own order.
    pub(crate) fn symbols(&self) -> Vec<String> {
        self.file.symbol.iter().map(|symbol| symbol.name.clone()).collect()
    }

    /// Its symbols with their rules.
    pub(crate) fn markets(&self) -> Result<Vec<(Instrument, Rules)>, Error> {
        let build = |spec: &SymbolSpec| {
            spec.build().map_err(|problem| self.bad(format!("symbol {}: {problem}", spec.name)))
        };
        self.file.symbol.iter().map(build).collect()
    }

    /// Its strategies.
    pub(crate) fn strategies(&self) -> Result<Vec<Box<dyn Strategy>>, Error> {
        let symbols = self.symbols();
        self.file
            .strategy
            .iter()
            .map(|spec| spec.build(&symbols).map_err(|problem| self.bad(problem)))
            .collect()
    }

    /// The clock by which its strategies see the market.
    pub(crate) fn feed_clock(&self) -> Result<FeedClock, Error> {
        Ok(self.markets()?.first().map_or(FeedClock::Venue, |(_, rules)| rules.feed_clock))
    }

    /// How a source for it is read: by the steps of its first symbol.
    ///
    /// # Errors
    /// A scenario without a symbol, or with one that makes no sense.
    pub fn options(&self) -> Result<Options, Error> {
        let markets = self.markets()?;
        let Some((first, rules)) = markets.first() else { return Err(self.bad("it has no symbol")) };
        let default = Options::default();
        Ok(Options {
            symbol: first.symbol.clone(),
            tick: first.tick.to_string(),
            lot: first.lot.to_string(),
            steps_given: true,
            market: rules.market,
            bar_ns: self
                .file
                .bar_seconds
                .map_or(default.bar_ns, |seconds| i64::from(seconds.max(1)) * 1_000_000_000),
            strict: self.file.strict,
            ..default
        })
    }

    /// Its first symbol.
    ///
    /// # Errors
    /// As [`options`](Self::options).
    pub fn instrument(&self) -> Result<Instrument, Error> {
        let first = self.markets()?.into_iter().next();
        first.map(|(instrument, _)| instrument).ok_or_else(|| self.bad("it has no symbol"))
    }

    /// Its tape, with the names of symbols; a tape that ends in an error keeps what came before.
    pub(crate) fn read_tape(&self) -> Result<Loaded, Error> {
        let options = self.options()?;
        let paths: Vec<PathBuf> = self.file.tape.iter().map(|file| self.folder.join(file)).collect();
        let path = paths.first().cloned().unwrap_or_else(|| self.folder.clone());
        if paths.is_empty() {
            return Err(self.bad("it has neither a tape nor a run"));
        }
        let mut loaded = Loaded { events: Vec::new(), failed: None };
        let mut source = match open(&paths, &options) {
            Ok(source) => source,
            Err(source @ samebits_tape::Error::Io { .. }) => return Err(Error::Tape { path, source }),
            Err(error) => {
                loaded.failed = Some(error);
                return Ok(loaded);
            }
        };
        loop {
            match source.next_event() {
                Ok(Some(event)) => {
                    let name =
                        source.symbols().get(usize::from(event.symbol)).map(|symbol| symbol.name.clone());
                    loaded.events.push((name.unwrap_or_default(), event));
                }
                Ok(None) => return Ok(loaded),
                Err(error) => {
                    loaded.failed = Some(error);
                    return Ok(loaded);
                }
            }
        }
    }
}
