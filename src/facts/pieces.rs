//! The pieces of a file read by several threads, and put together in the order of the file, whatever the number of threads.

use super::Batch;
use super::aside::{Aside, BadRow};
use super::chunks::Stop;
use super::error::{self, MOST_SLIPS, Slip};
use super::gives::{Gives, Shape};
use super::row::{Lacking, Piece, Rows};
use crate::diagnostic::Diagnostic;
use crate::ir::Policy;
use crate::source::{FileId, Place};
use crate::value::symbols::{Code, Symbols, is_symbol};
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

/// How many threads read one file, at most.
const MOST_THREADS: usize = 16;
/// How much memory the facts of tables take at most, in bytes: what is packed may be far larger than it looks.
pub(super) const MOST_KEPT: usize = 3 << 30;
/// How many pieces are on their way for each thread.
const ON_THE_WAY: usize = 3;

/// Reads one piece of a file, given whether it is the first one.
pub(super) type Read<'r, 'a> = &'r (dyn Fn(&mut Rows<'a>, Vec<u8>, bool) + Sync);

/// Reads all pieces, one alone on this thread. `make`: what a thread begins with. Errors: what keeps a file from being read to its
/// end; what was read before it is gathered all the same.
pub(super) fn read_all<'a>(
    mut next: impl FnMut() -> Result<Option<Vec<u8>>, Stop>,
    make: &(dyn Fn() -> Rows<'a> + Sync),
    read: Read<'_, 'a>,
    gathered: &mut Gathered<'_>,
) -> Result<(), Stop> {
    let Some(first) = next()? else {
        return Ok(());
    };
    let second = match next() {
        Ok(Some(second)) => second,
        only => {
            let mut rows = make();
            read(&mut rows, first, true);
            gathered.add(0, rows.take_piece())?;
            return only.map(|_| ());
        }
    };
    let mut ahead = [first, second].into_iter();
    let mut next = || match ahead.next() {
        Some(piece) => Ok(Some(piece)),
        None => next(),
    };
    let threads = thread::available_parallelism().map_or(1, |it| it.get().min(MOST_THREADS));
    thread::scope(|scope| {
        let (to_threads, jobs) = mpsc::sync_channel::<(usize, Vec<u8>)>(threads);
        let (to_here, done) = mpsc::channel::<(usize, usize, Result<Piece, Box<dyn Any + Send>>)>();
        let jobs = Arc::new(Mutex::new(jobs));
        for thread in 0..threads {
            let (jobs, to_here) = (Arc::clone(&jobs), to_here.clone());
            scope.spawn(move || {
                let mut rows = make();
                loop {
                    let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, piece)) = job else { break };
                    let piece = catch_unwind(AssertUnwindSafe(|| {
                        read(&mut rows, piece, number == 0);
                        rows.take_piece()
                    }));
                    if to_here.send((number, thread, piece)).is_err() {
                        break;
                    }
                }
            });
        }
        let (mut sent, mut added) = (0, 0);
        let mut waiting: BTreeMap<usize, (usize, Piece)> = BTreeMap::new();
        let mut stop = None;
        let mut is_over = false;
        loop {
            while !is_over && sent - added < ON_THE_WAY * threads {
                match next() {
                    Ok(Some(piece)) => {
                        to_threads
                            .send((sent, piece))
                            .expect("the threads wait for more");
                        sent += 1;
                    }
                    Ok(None) => is_over = true,
                    Err(reason) => (is_over, stop) = (true, Some(reason)),
                }
            }
            if added == sent {
                break;
            }
            let (number, thread, piece) = done.recv().expect("each piece comes back");
            let piece = piece.unwrap_or_else(|panic| resume_unwind(panic));
            waiting.insert(number, (thread, piece));
            while let Some((thread, piece)) = waiting.remove(&added) {
                added += 1;
                // What lies behind a row without an end is not asked for.
                gathered.add(thread, piece)?;
            }
        }
        stop.map_or(Ok(()), Err)
    })
}

/// What the pieces of one file give together.
pub(super) struct Gathered<'s> {
    symbols: &'s mut Symbols,
    /// Where rows come to that cannot be used; `None`: they are told.
    aside: Option<&'s mut Aside>,
    name: String,
    gives: Gives<'s>,
    shape: Shape,
    columns: Vec<String>,
    file: FileId,
    /// By thread and table: the words here for those of the table.
    words: Vec<Vec<Vec<Code>>>,
    batches: Vec<Batch>,
    /// How many bytes the rows of other files take.
    kept: usize,
    slips: Vec<(Slip, u32)>,
    more: usize,
    ignored: BTreeSet<String>,
    /// Of a feed, by line: the events that are not given because a cell is empty.
    lacking: Vec<Option<Lacking>>,
    /// Of a feed that reads objects, by heading: whether one has such a name.
    seen: Option<Vec<bool>>,
    has_rows: bool,
    /// Line ends in the pieces so far.
    ends: u32,
    wrong_quote: Option<u32>,
}

impl<'s> Gathered<'s> {
    /// Nothing yet of a file that gives that; what is read comes to these symbols. `kept`: how many bytes of other files there
    /// are.
    pub(super) fn new(
        symbols: &'s mut Symbols,
        kept: usize,
        aside: Option<&'s mut Aside>,
        (policy, gives): (&Policy, Gives<'s>),
        (name, file): (&str, FileId),
    ) -> Gathered<'s> {
        Gathered {
            symbols,
            aside,
            name: name.to_owned(),
            gives,
            shape: gives.shape(policy),
            columns: Vec::new(),
            file,
            words: Vec::new(),
            batches: Vec::new(),
            kept,
            slips: Vec::new(),
            more: 0,
            ignored: BTreeSet::new(),
            lacking: Vec::new(),
            seen: None,
            has_rows: false,
            ends: 0,
            wrong_quote: None,
        }
    }

    /// Tells the columns of a table.
    pub(super) fn columns<'n>(&mut self, names: &[String], ignored: impl Iterator<Item = &'n str>) {
        self.columns = names.to_vec();
        self.ignored.extend(ignored.map(str::to_owned));
    }

    /// Says that rows are objects: which headings there are is seen when all are read.
    pub(super) fn objects(&mut self) {
        if let Gives::Feed(feed) = self.gives {
            self.seen = Some(vec![false; feed.headings.len()]);
        }
    }

    /// Adds the next piece, which that thread has read.
    pub(super) fn add(&mut self, thread: usize, piece: Piece) -> Result<(), Stop> {
        if self.words.len() <= thread {
            self.words.resize_with(thread + 1, Vec::new);
        }
        let words = &mut self.words[thread];
        words.resize_with(piece.added.len(), Vec::new);
        for (added, words) in piece.added.iter().zip(words.iter_mut()) {
            self.symbols.take_over_all(added, words);
        }
        for (at, (batch, head)) in piece.batches.iter().zip(&self.shape.heads).enumerate() {
            if self.batches.len() <= at {
                self.batches.push(batch.emptied());
            }
            if words.iter().all(Vec::is_empty) {
                self.batches[at].append(batch, self.ends);
                continue;
            }
            let word = |field: usize, code: Code| match is_symbol(code) {
                true => words[head.table_of[field]][code as usize],
                false => code,
            };
            self.batches[at].append_in_words(batch, word, self.ends);
        }
        self.note_lacking(&piece.lacking);
        for (seen, here) in self.seen.iter_mut().flatten().zip(&piece.seen) {
            *seen |= here;
        }
        for (slip, line) in piece.slips {
            match self.slips.len() < MOST_SLIPS {
                true => self.slips.push((slip, line + self.ends)),
                false => self.more += 1,
            }
        }
        self.more += piece.more;
        if let Some(aside) = &mut self.aside {
            let rows = piece.bad.into_iter().map(|mut row| {
                row.line += self.ends;
                row
            });
            let rows: Vec<BadRow> = rows.collect();
            let added = aside.add(&self.name, &self.columns, &rows);
            added.map_err(Stop::NotSetAside)?;
        }
        self.ignored.extend(piece.ignored);
        self.has_rows |= piece.has_rows;
        let wrong_quote = piece.wrong_quote.map(|line| line + self.ends);
        self.wrong_quote = self.wrong_quote.or(wrong_quote);
        let before = self.ends;
        self.ends += piece.ends;
        let cells = self.batches.iter().map(|batch| batch.cells.len());
        let kept = cells.sum::<usize>() * size_of::<Code>();
        if self.kept + kept + self.symbols.size() > MOST_KEPT {
            return Err(Stop::TooMuch(self.ends));
        }
        match piece.too_long {
            None => Ok(()),
            Some(mut row) => {
                row.line += before;
                row.open_quote = row.open_quote.map(|line| line + before);
                Err(Stop::TooLong(row))
            }
        }
    }

    fn note_lacking(&mut self, lacking: &[Option<Lacking>]) {
        self.lacking.resize(lacking.len(), None);
        for (all, here) in self.lacking.iter_mut().zip(lacking) {
            let Some(here) = here else { continue };
            let first = Lacking {
                rows: 0,
                line: here.line + self.ends,
                ..*here
            };
            all.get_or_insert(first).rows += here.rows;
        }
    }

    /// Whether there was anything but blank lines.
    pub(super) fn has_rows(&self) -> bool {
        self.has_rows
    }

    /// The facts, and what is wrong.
    pub(super) fn finish(mut self) -> (Vec<Arc<Batch>>, Vec<Diagnostic>) {
        let place = |line: u32| Place::Record {
            file: self.file,
            line,
        };
        if let Some(line) = self.wrong_quote {
            // What else is wrong with the row comes of that.
            self.slips.retain(|(_, at)| *at != line);
            match self.slips.len() < MOST_SLIPS {
                true => self.slips.push((Slip::wrong_quote(), line)),
                false => self.more += 1,
            }
        }
        let slips = self.slips.iter();
        let mut told: Vec<Diagnostic> = slips
            .map(|(slip, line)| slip.to_diagnostic(place(*line), None))
            .collect();
        if self.more > 0 {
            told.push(error::more(self.more, place(1)));
        }
        told.extend(self.about_columns(place(1)));
        told.extend(self.about_events());
        let batches = self.batches.into_iter();
        let batches = batches.filter(|batch| !batch.is_empty()).map(Arc::new);
        (batches.collect(), told)
    }

    /// Columns of which nothing is read, where no feed says so; headings that no object has.
    fn about_columns(&self, place: Place) -> Option<Diagnostic> {
        let names: Vec<&str> = self.ignored.iter().map(String::as_str).collect();
        match (self.gives, &self.seen) {
            (Gives::Relation(_, relation), _) if !names.is_empty() => {
                Some(error::not_used(&self.name, &relation.name, &names, place))
            }
            // Where no object could be read, that is told.
            (Gives::Feed(feed), Some(seen)) if !names.is_empty() || seen.contains(&true) => {
                error::missing_headings(feed, |at| seen[at], &names, place)
            }
            _ => None,
        }
    }

    fn about_events(&self) -> Vec<Diagnostic> {
        let Gives::Feed(feed) = self.gives else {
            return Vec::new();
        };
        let lines = self.lacking.iter().zip(&self.shape.heads);
        let lacking = lines.filter_map(|(lacking, head)| Some(((*lacking)?, head)));
        let told = lacking.map(|(lacking, head)| {
            let place = Place::Record {
                file: self.file,
                line: lacking.line,
            };
            let heading = &feed.headings[lacking.heading].text;
            error::no_event((lacking.rows, &self.name), &head.name, heading, place)
        });
        told.collect()
    }
}
