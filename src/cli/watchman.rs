//! Keeps a command within its budget: time and memory are looked at from outside, and a run that needs too much is asked to end.
//!
//! Whoever does not end within a moment is ended, without a half-written file. The same holds of Ctrl-C.

use super::output::tell;
use crate::session::{Halt, Limits, Watch};
use crate::source::drop_unfinished;
use crate::value::counted;
use bytesize::ByteSize;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::process;
#[cfg(unix)]
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// How much a command may take.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Budget {
    /// Stop at so many facts that follow; 50000000, unless said otherwise
    #[arg(long, value_name = "N", value_parser = facts)]
    max_facts: Option<usize>,
    /// Stop where so much memory is needed, such as 2GiB; three quarters of what there is, unless said otherwise
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<ByteSize>,
    /// Stop after so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// Show no progress
    #[arg(long)]
    quiet: bool,
}

/// The run at work, as far as it tells.
static WATCH: Watch = Watch::new();
/// What the command is about.
static PHASE: Mutex<&str> = Mutex::new("");
/// The line that shows how far it is.
static LINE: Mutex<Option<ProgressBar>> = Mutex::new(None);
/// The most memory that was seen in use, in bytes.
static PEAK: AtomicU64 = AtomicU64::new(0);

/// How often is looked.
const LOOK: Duration = Duration::from_millis(50);
/// How long a run that was asked to end may still take.
const GRACE: Duration = Duration::from_millis(700);
/// From when on progress is shown.
const PATIENCE: Duration = Duration::from_millis(600);
/// As shells have it for a command that was broken off.
const BROKEN_OFF: i32 = 130;

impl Budget {
    /// What a run may take.
    pub(super) fn limits(&self) -> Limits {
        let limits = Limits::default();
        Limits {
            facts: self.max_facts.unwrap_or(limits.facts),
            watch: Some(&WATCH),
            ..limits
        }
    }

    /// Begins to watch.
    pub(super) fn watch(&self) {
        // Where no handler can be set, Ctrl-C ends the command as it ends any other.
        let _ = ctrlc::set_handler(|| {
            end_line();
            drop_unfinished();
            process::exit(BROKEN_OFF);
        });
        let budget = self.clone();
        std::thread::spawn(move || Watchman::new(budget).watch());
    }
}

/// A file that grows beyond what the user may write is an error like a full disk, and does not end the process.
pub(super) fn take_no_harm_from_limits() {
    #[cfg(unix)]
    {
        // Where no handler can be set, such a file ends the command as it ends any other.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    }
}

/// What the command is about now, in a word or two: `reading the facts`.
pub(super) fn begin(phase: &'static str) {
    if let Ok(mut now) = PHASE.lock() {
        *now = phase;
    }
}

/// What is printed from now on is not disturbed.
pub(super) fn end_line() {
    begin("");
    if let Ok(mut line) = LINE.lock()
        && let Some(line) = line.take()
    {
        line.finish_and_clear();
    }
}

/// The most memory that was seen in use, in bytes.
pub(super) fn peak_memory() -> u64 {
    let used = Memory::new().used();
    PEAK.fetch_max(used, Ordering::Relaxed).max(used)
}

struct Watchman {
    budget: Budget,
    memory: Memory,
    most_memory: u64,
    begun: Instant,
}

impl Watchman {
    fn new(budget: Budget) -> Watchman {
        let mut memory = Memory::new();
        let most = budget.max_memory.map(|size| size.as_u64());
        Watchman {
            most_memory: most.unwrap_or_else(|| memory.there_is() / 4 * 3),
            budget,
            memory,
            begun: Instant::now(),
        }
    }

    fn watch(mut self) {
        loop {
            std::thread::sleep(LOOK);
            if let Some(halt) = self.too_much() {
                WATCH.stop(halt.clone());
                std::thread::sleep(GRACE);
                // With the line goes what the command was about.
                let words = words(&halt);
                end_line();
                tell(&format!("error[{}]: {words}\n", code(&halt)));
                drop_unfinished();
                process::exit(2);
            }
            if !self.budget.quiet && self.begun.elapsed() > PATIENCE {
                show();
            }
        }
    }

    fn too_much(&mut self) -> Option<Halt> {
        let used = self.memory.used();
        PEAK.fetch_max(used, Ordering::Relaxed);
        if used > self.most_memory {
            let bound = ByteSize::b(self.most_memory).display().iec().to_string();
            return Some(Halt {
                what: "memory",
                bound,
            });
        }
        let most = self
            .budget
            .timeout
            .filter(|most| self.begun.elapsed() >= *most)?;
        Some(Halt {
            what: "time",
            bound: format!("{} s", most.as_secs_f64()),
        })
    }
}

fn code(halt: &Halt) -> &'static str {
    if halt.what == "time" {
        "E0605"
    } else {
        "E0606"
    }
}

fn words(halt: &Halt) -> String {
    let bound = &halt.bound;
    let phase = PHASE.lock().map_or("", |phase| *phase);
    let phase = match phase {
        "" => String::new(),
        phase => format!(" while {phase}"),
    };
    match halt.what {
        "time" => format!("stopped after {bound}{phase}\n  = help: give it more time (--timeout)"),
        _ => format!(
            "stopped{phase}: more than {bound} of memory are needed\n  = help: allow more of it (--max-memory)"
        ),
    }
}

/// Shows how far the command is, on a terminal.
fn show() {
    let Ok(mut line) = LINE.lock() else { return };
    // With the line in hand: once a phase has ended, no line comes back.
    let phase = PHASE.lock().map_or("", |phase| *phase);
    if phase.is_empty() {
        return;
    }
    let line = line.get_or_insert_with(|| {
        let style = ProgressStyle::with_template("{spinner} {msg}");
        ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
            .with_style(style.expect("the template is well formed"))
    });
    let reached = WATCH.reached();
    line.set_message(match phase {
        DERIVING if reached.stratum > 0 => format!(
            "{phase}: stratum {} of {}, round {}, {}",
            reached.stratum,
            reached.strata,
            reached.round,
            counted(reached.derived, "fact")
        ),
        _ => phase.to_owned(),
    });
    line.tick();
}

/// The phase in which the engine is at work.
pub(super) const DERIVING: &str = "working out what follows";

/// The memory of this process and of the machine.
struct Memory {
    system: System,
    own: Option<Pid>,
}

impl Memory {
    fn new() -> Memory {
        Memory {
            system: System::new(),
            own: sysinfo::get_current_pid().ok(),
        }
    }

    /// What this process uses, in bytes; 0 where nobody tells.
    fn used(&mut self) -> u64 {
        let Some(own) = self.own else { return 0 };
        let what = ProcessRefreshKind::nothing().with_memory();
        self.system
            .refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, what);
        self.system.process(own).map_or(0, sysinfo::Process::memory)
    }

    /// What the machine has, or what of it this process may use, in bytes.
    fn there_is(&mut self) -> u64 {
        self.system.refresh_memory();
        let all = self.system.total_memory();
        let granted = self
            .system
            .cgroup_limits()
            .map(|limits| limits.total_memory);
        granted
            .filter(|granted| *granted > 0)
            .map_or(all, |granted| granted.min(all))
    }
}

fn facts(text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|_| "a number of facts, such as 1000000".into())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok();
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "a number of seconds, such as 30".into())
}
