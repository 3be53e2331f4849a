//! `samebits paper`

use crate::arguments::Paper;
use crate::exit::Exit;
use crate::output::Output;
use anyhow::Context;
use samebits_gate::{load_one, play};
use samebits_live::{Fill, write_line};
use samebits_tape::{Options, Sorted, Source, binance::Binance, csv::Csv};
use serde_json::json;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use tungstenite::Message;

pub(crate) fn run(wanted: &Paper, output: Output) -> anyhow::Result<Exit> {
    let scenario = load_one(&wanted.scenario)?;
    let mut source = live(connect(&wanted.from)?, &scenario.options()?)?;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&wanted.fills);
    let mut log = BufWriter::new(file.with_context(|| format!("{}: not written", wanted.fills.display()))?);
    let mut fills = 0_u64;
    let played = play(&scenario, source.as_mut(), None, &mut |engine, report| {
        let symbol = engine.instrument(report.symbol).map_or("?", |instrument| &instrument.symbol);
        if let Some(fill) = Fill::of(report, symbol, engine.strategy(report.owner)) {
            fills += 1;
            writeln!(log, "{}", write_line(&fill))?;
            // A fill is on disk before the next event is taken.
            log.flush()?;
        }
        Ok(())
    })?;
    log.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all().context("the log of fills")?;
    output.json(&json!({ "events": played.events, "reports": played.reports, "fills": fills }));
    output.verdict(format!(
        "{} events, {} reports, {fills} fills in {log}; next: samebits reconcile {log} TAPE --scenario {}",
        played.events,
        played.reports,
        wanted.scenario.display(),
        log = wanted.fills.display()
    ));
    Ok(if played.events == 0 { Exit::Nothing } else { Exit::Same })
}

/// Where lines come from.
fn connect(from: &str) -> anyhow::Result<Box<dyn BufRead>> {
    if from == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    if let Some(address) = from.strip_prefix("tcp:") {
        return Ok(Box::new(BufReader::new(TcpStream::connect(address).with_context(|| from.to_owned())?)));
    }
    if from.starts_with("ws://") {
        let (socket, _) = tungstenite::connect(from).with_context(|| from.to_owned())?;
        return Ok(Box::new(BufReader::new(Messages { socket, line: Vec::new(), at: 0 })));
    }
    Ok(samebits_tape::decompressed(Path::new(from))?)
}

/// The messages of a WebSocket, a line each.
struct Messages<S> {
    socket: tungstenite::WebSocket<S>,
    line: Vec<u8>,
    at: usize,
}

impl<S: Read + Write> Read for Messages<S> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.line.len() {
            match self.socket.read() {
                Ok(Message::Text(text)) => self.line = text.as_bytes().to_vec(),
                Ok(Message::Binary(bytes)) => self.line = bytes.to_vec(),
                Ok(Message::Close(_)) => return Ok(0),
                Ok(_) => continue,
                Err(tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed) => {
                    return Ok(0);
                }
                Err(tungstenite::Error::Io(error)) => return Err(error),
                Err(error) => return Err(std::io::Error::other(error)),
            }
            if self.line.last() != Some(&b'\n') {
                self.line.push(b'\n');
            }
            self.at = 0;
        }
        let length = buffer.len().min(self.line.len() - self.at);
        buffer[..length].copy_from_slice(&self.line[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

/// CSV of events if the first line is a header, else captured lines.
fn live(mut input: Box<dyn BufRead>, options: &Options) -> anyhow::Result<Box<dyn Source>> {
    let start = input.fill_buf().context("the first line")?;
    Ok(if start.first().is_some_and(u8::is_ascii_digit) {
        Box::new(Sorted::new(Binance::new([input], options), options.window_ns))
    } else {
        Box::new(Csv::new(input, options)?)
    })
}
