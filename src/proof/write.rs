//! A found proof to its steps: premises before conclusions, each once.
//!
//! A step is drafted with what it needs numbered by itself; when all of that is written, it is renumbered and written.
//! So nothing here goes deeper than one step, however high the proof is.

mod conclusions;
mod reasons;

use super::World;
use super::exempt::Target;
use super::proof::{
    AbsentStep, Claim, InForceStep, Obstacles, Pattern, Proof, ReviewStep, Step, StepId, WhyNot,
    WhyNotRule,
};
use super::search::{NodeId, Search};
use super::steps::{renumber, renumber_rule};
use super::why_not::{Fails, Reason};
use crate::ir::{ClauseId, ExemptionId};
use crate::value::Date;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A step that rests on others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Want {
    Node(NodeId),
    Absent(Pattern, Option<Vec<ClauseId>>),
    NotExempted(Pattern, Rc<[ExemptionId]>),
    Exemption(ExemptionId, Target),
    /// That a judgement says no.
    Denied(Claim),
    /// That one is presumed to say yes.
    Presumed(Claim),
}

/// What a draft needs.
enum Need {
    /// A step that rests on others; one that is `soft` is left out where it would rest on what is being written.
    Want { want: Want, soft: bool },
    /// A step that rests on none.
    Step(Box<Step>),
}

/// Needs in order; a draft names them by their places here.
#[derive(Default)]
struct Needs(Vec<Need>);

struct Draft {
    step: Step,
    needs: Needs,
}

struct Frame {
    want: Want,
    draft: Draft,
    places: Vec<Option<StepId>>,
}

/// What is said about the pieces of one inference.
#[derive(Clone, Copy)]
struct Manner {
    /// Whether they may be left out.
    soft: bool,
    /// Whether absences go without reasons.
    bare: bool,
}

const PROVED: Manner = Manner {
    soft: false,
    bare: false,
};

/// See the module.
pub(super) struct Writer<'s, 'w, 'a> {
    search: &'s mut Search<'w, 'a>,
    world: &'w World<'a>,
    steps: Vec<Step>,
    placed: HashMap<Want, StepId>,
    in_force: HashMap<(ClauseId, Date), StepId>,
    reviews: HashMap<(ClauseId, Date, bool), StepId>,
    active: HashSet<Want>,
}

impl Needs {
    fn add(&mut self, need: Need) -> StepId {
        self.0.push(need);
        StepId(self.0.len() as u32 - 1)
    }

    fn step(&mut self, step: Step) -> StepId {
        self.add(Need::Step(Box::new(step)))
    }

    fn want(&mut self, want: Want, soft: bool) -> StepId {
        self.add(Need::Want { want, soft })
    }
}

impl<'s, 'w, 'a> Writer<'s, 'w, 'a> {
    pub fn new(search: &'s mut Search<'w, 'a>) -> Writer<'s, 'w, 'a> {
        Writer {
            world: search.world,
            search,
            steps: Vec::new(),
            placed: HashMap::new(),
            in_force: HashMap::new(),
            reviews: HashMap::new(),
            active: HashSet::new(),
        }
    }

    /// The proof of a settled node.
    pub fn proof(mut self, goal: NodeId) -> Proof {
        self.write(Want::Node(goal));
        Proof { steps: self.steps }
    }

    /// Why nothing matches a pattern.
    pub fn why_not(mut self, pattern: &Pattern) -> WhyNot {
        let mut needs = Needs::default();
        let reasons = self.world.reasons(pattern, None);
        let is_possible = |reason: &Reason<'a>| !matches!(reason.tried.fails, Fails::Head);
        let only_possible = reasons.iter().any(is_possible);
        let shown = reasons
            .into_iter()
            .filter(|reason| !only_possible || is_possible(reason));
        let manner = Manner {
            soft: true,
            bare: false,
        };
        let mut rules: Vec<WhyNotRule> = shown
            .map(|reason| self.reason(reason, manner, &mut needs))
            .collect();
        let places: Vec<Option<StepId>> = needs
            .0
            .into_iter()
            .map(|need| match need {
                Need::Step(step) => Some(self.leaf(*step)),
                Need::Want { want, .. } => self.write(want),
            })
            .collect();
        for rule in &mut rules {
            renumber_rule(rule, &|id| places[id.0 as usize]);
        }
        WhyNot {
            pattern: pattern.clone(),
            is_on_any_day: false,
            proof: Proof { steps: self.steps },
            rules,
            near: self.world.near(pattern),
            is_open: false,
        }
    }

    /// Writes a step and all that it rests on; `None` where it would rest on itself (only a soft one can).
    fn write(&mut self, want: Want) -> Option<StepId> {
        if let Some(id) = self.placed.get(&want) {
            return Some(*id);
        }
        let mut path = vec![self.frame(want)];
        let mut written: Option<Option<StepId>> = None;
        loop {
            let frame = path.last_mut().expect("the path ends below");
            if let Some(place) = written.take() {
                if place.is_none() && frame.is_hard() {
                    self.active.remove(&frame.want);
                    path.pop();
                    if path.is_empty() {
                        return None;
                    }
                    written = Some(None);
                    continue;
                }
                frame.places.push(place);
            }
            match frame.next() {
                None => {
                    let frame = path.pop().expect("it was there");
                    let id = self.finish(frame);
                    if path.is_empty() {
                        return Some(id);
                    }
                    written = Some(Some(id));
                }
                Some(Need::Step(step)) => {
                    let step = Step::clone(step);
                    written = Some(Some(self.leaf(step)));
                }
                Some(Need::Want { want, .. }) => {
                    let want = want.clone();
                    match (self.placed.get(&want), self.active.contains(&want)) {
                        (Some(id), _) => written = Some(Some(*id)),
                        (None, true) => written = Some(self.cut(want)),
                        (None, false) => path.push(self.frame(want)),
                    }
                }
            }
        }
    }

    fn frame(&mut self, want: Want) -> Frame {
        self.active.insert(want.clone());
        Frame {
            draft: self.draft(&want),
            want,
            places: Vec::new(),
        }
    }

    fn finish(&mut self, frame: Frame) -> StepId {
        let mut step = frame.draft.step;
        renumber(&mut step, &|id| frame.places[id.0 as usize]);
        let id = self.push(step);
        self.active.remove(&frame.want);
        self.placed.insert(frame.want, id);
        id
    }

    /// What stands in for a step that is being written: an absence without its reasons, else nothing.
    fn cut(&mut self, want: Want) -> Option<StepId> {
        match want {
            Want::Absent(pattern, by) => {
                Some(self.push(Step::Absent(bare_absence(pattern, by, false))))
            }
            Want::NotExempted(pattern, by) => {
                let homes = self.homes_of(&by);
                Some(self.push(Step::Absent(bare_absence(pattern, Some(homes), true))))
            }
            Want::Node(_) | Want::Exemption(..) | Want::Denied(_) | Want::Presumed(_) => None,
        }
    }

    fn push(&mut self, step: Step) -> StepId {
        self.steps.push(step);
        StepId(self.steps.len() as u32 - 1)
    }

    /// A step that rests on none; those about clauses are written once.
    fn leaf(&mut self, step: Step) -> StepId {
        let next = StepId(self.steps.len() as u32);
        let known = match &step {
            Step::InForce(InForceStep { clause, day, .. }) => {
                *self.in_force.entry((*clause, *day)).or_insert(next)
            }
            Step::Review(ReviewStep { clause, mark }) => {
                let (day, is_late) = match mark {
                    super::proof::Mark::BeyondReview { day, .. } => (*day, true),
                    super::proof::Mark::Unverified(_) => (crate::value::FIRST_DAY, false),
                };
                let key = (*clause, day, is_late);
                *self.reviews.entry(key).or_insert(next)
            }
            _ => next,
        };
        if known == next {
            self.steps.push(step);
        }
        known
    }

    fn draft(&mut self, want: &Want) -> Draft {
        let mut needs = Needs::default();
        let step = match want {
            Want::Node(node) => self.node_step(*node, &mut needs),
            Want::Absent(pattern, by) => self.absent_step(pattern, by.clone(), &mut needs),
            Want::NotExempted(pattern, by) => self.not_exempted(pattern, by, &mut needs),
            Want::Denied(claim) => self.denied_step(claim, &mut needs),
            Want::Presumed(claim) => self.presumed_step(claim, &mut needs),
            Want::Exemption(id, target) => {
                Step::Exemption(self.exemption_step(*id, target, &mut needs))
            }
        };
        Draft { step, needs }
    }
}

impl Frame {
    fn next(&self) -> Option<&Need> {
        self.draft.needs.0.get(self.places.len())
    }

    fn is_hard(&self) -> bool {
        match self.next() {
            Some(Need::Want { soft, .. }) => !soft,
            Some(Need::Step(_)) | None => true,
        }
    }
}

fn bare_absence(pattern: Pattern, by: Option<Vec<ClauseId>>, exempted: bool) -> AbsentStep {
    AbsentStep {
        pattern,
        instead: None,
        by,
        exempted,
        reasons: Vec::new(),
        obstacles: Obstacles::default(),
    }
}
