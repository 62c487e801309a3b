//! One rule: its clauses, with its day, its clause's days, and what may block it.

use super::draft::{Day, Draft, atom_of};
use super::from_policy::Lowering;
use super::program::{Atom, Check, Expr, Literal, Origin, OriginSource, Shape, Term, Var};
use crate::ir::{self, Blocked, ClauseId, InForceIf, RelationId, RuleId, Timing, events_of};
use crate::value::{TypeId, Value};

/// What a rule or group of facts concludes in the end, kept for `A by C`.
#[derive(Clone)]
pub(super) struct Conclusion {
    pub(super) relation: RelationId,
    pub(super) home: Option<ClauseId>,
    pub(super) head: Vec<Term>,
    pub(super) body: Vec<Literal>,
    pub(super) draft: Draft,
}

impl Lowering<'_> {
    /// The clauses of a rule.
    pub(super) fn rule(&mut self, id: RuleId) {
        let rule = self.policy.rule(id);
        if rule
            .home
            .is_some_and(|home| !self.calendar.is_ever_in_force(home))
        {
            return;
        }
        let origin = Origin {
            source: OriginSource::Rule(id),
            span: Some(rule.span),
        };
        for alternative in self.alternatives(&rule.body, rule.span) {
            let mut draft = Draft::new(&rule.variables, origin);
            let before = self.day_of(&rule.timing, &mut draft);
            let relation = rule.head.relation;
            let make = |lowering: &mut Self, draft: &mut Draft, mut body: Vec<Literal>| {
                body.extend(lowering.body(&alternative, draft, &body));
                let head = lowering.head(&rule.head, draft);
                let events = events_of(lowering.policy, rule).into_iter();
                let events = events.map(|(term, ty)| (lowering.term(&term, draft), ty));
                let events = events.collect();
                lowering.conclude(
                    Some(Blocked::Rule(id)),
                    relation,
                    rule.home,
                    head,
                    body,
                    draft,
                    events,
                );
            };
            match (&rule.timing, self.declared(relation).shape) {
                (Timing::Standing | Timing::Timeless, Shape::Standing(_)) => {
                    self.standing(&mut draft, relation, before, make)
                }
                _ => make(self, &mut draft, before),
            }
        }
    }

    /// Gives a clause the day by which it is judged, and the literals that find it.
    pub(super) fn day_of(&mut self, timing: &Timing, draft: &mut Draft) -> Vec<Literal> {
        match timing {
            Timing::Timeless | Timing::Standing => Vec::new(),
            Timing::On(day) => {
                draft.day = Day::At(self.term(day, draft));
                Vec::new()
            }
            Timing::Event(event, ty) => {
                let day = draft.fresh("its day");
                draft.day = Day::At(Term::Var(day));
                let rel = self.event_day(*ty);
                let args = vec![self.term(event, draft), Term::Var(day)];
                vec![Literal::Positive(Atom { rel, args })]
            }
        }
    }

    /// Gives a clause its regime: each one for itself.
    pub(super) fn standing(
        &mut self,
        draft: &mut Draft,
        relation: RelationId,
        mut body: Vec<Literal>,
        make: impl FnOnce(&mut Self, &mut Draft, Vec<Literal>),
    ) {
        if let Shape::Standing(regimes) = self.declared(relation).shape {
            let var = draft.fresh("from");
            let rel = self.regime_rel(regimes);
            body.push(Literal::Positive(atom_of(rel, &[var])));
            draft.day = Day::Regime(regimes, var);
        }
        make(self, draft, body);
    }

    fn head(&self, atom: &ir::Atom, draft: &Draft) -> Vec<Term> {
        let fields = &self.policy.relation(atom.relation).fields;
        let term = |(term, field): (&ir::Term, &ir::Field)| match term {
            ir::Term::Missing | ir::Term::Any | ir::Term::Present => {
                Term::Value(match field.missing {
                    ir::Missing::Unknown => Value::Unknown,
                    ir::Missing::None | ir::Missing::Never => Value::None,
                })
            }
            other => self.term(other, draft),
        };
        atom.args.iter().zip(fields).map(term).collect()
    }

    /// A term without regard to whether its field may be missing.
    pub(super) fn term(&self, term: &ir::Term, draft: &Draft) -> Term {
        match term {
            ir::Term::Variable(id) | ir::Term::Each(id) => Term::Var(draft.var(*id)),
            ir::Term::Value(value) => Term::Value(value.clone()),
            ir::Term::Any | ir::Term::Present | ir::Term::Missing => Term::Any,
        }
    }

    /// What it takes for a clause to be in force on a day: one alternative for the days on which it is in any case, and one for
    /// each way of settling the judgements on which more days depend.
    pub(super) fn in_force(
        &mut self,
        clause: Option<ClauseId>,
        day: Option<Term>,
    ) -> Vec<Vec<Literal>> {
        let (Some(clause), Some(day)) = (clause, day) else {
            return vec![Vec::new()];
        };
        self.on_days(self.calendar.in_force(clause), &day)
    }

    /// That a day is one of these, and that their conditions are so: one alternative for each.
    pub(super) fn on_days(&mut self, options: Vec<InForceIf>, day: &Term) -> Vec<Vec<Literal>> {
        let literals = |option: InForceIf| {
            let days = self.day_sets.intern(&mut self.program, option.days);
            let mut literals = vec![Literal::Check(Check::Within(days, day.clone()))];
            for (at, holds) in option.conditions {
                let condition = &self.calendar.conditions[at];
                let atom = Atom {
                    rel: self.program.declared[&condition.relation].rel,
                    args: condition.args.iter().cloned().map(Term::Value).collect(),
                };
                literals.push(match holds {
                    true => Literal::Positive(atom),
                    false => Literal::Negative(atom, Vec::new()),
                });
            }
            literals
        };
        options.into_iter().map(literals).collect()
    }

    /// `head if body`, while the clause it stands in is in force and no exemption blocks it.
    #[expect(clippy::too_many_arguments, reason = "a conclusion is all of these")]
    pub(super) fn conclude(
        &mut self,
        blocked: Option<Blocked>,
        relation: RelationId,
        home: Option<ClauseId>,
        head: Vec<Term>,
        body: Vec<Literal>,
        draft: &mut Draft,
        events: Vec<(Term, TypeId)>,
    ) {
        let bodies: Vec<Vec<Literal>> = self
            .in_force(home, draft.day.term())
            .into_iter()
            .map(|in_force| [body.as_slice(), &in_force].concat())
            .collect();
        let exemptions = match blocked {
            Some(blocked) => super::exemptions::exemptions_of(
                self.policy,
                self.calendar,
                self.circumstances,
                blocked,
                home,
            ),
            None => Vec::new(),
        };
        if exemptions.is_empty() {
            for body in bodies {
                self.finish(relation, home, head.clone(), body, draft);
            }
            return;
        }
        let columns: Vec<Term> = head
            .iter()
            .cloned()
            .chain(events.iter().map(|(id, _)| id.clone()))
            .chain(draft.day.term())
            .collect();
        let place = home.map_or(String::new(), |home| self.policy.citation(home));
        let name = format!(
            "{}#candidate {place} {}",
            self.policy.relation(relation).name,
            self.program.clauses.len()
        );
        let candidate = self.add_relation(name, columns.len());
        self.exempting.candidates.insert(candidate);
        for body in bodies {
            let head = Atom {
                rel: candidate,
                args: columns.clone(),
            };
            self.add_clause(head, body, draft);
        }

        let layout = super::exemptions::Layout {
            relation,
            candidate,
            fields: head.len(),
            events: events.iter().map(|(_, ty)| *ty).collect(),
            day: draft.day.clone(),
        };
        let mut free = Draft::new(&[], draft.origin);
        let vars: Vec<Var> = (0..columns.len()).map(|_| free.fresh("_")).collect();
        let mut body = vec![Literal::Positive(atom_of(candidate, &vars))];
        for (exemption, days) in exemptions {
            let rel = self.blocked(exemption, &days, &layout, &mut Vec::new());
            body.push(Literal::Negative(atom_of(rel, &vars), Vec::new()));
        }
        let head: Vec<Term> = vars[..head.len()]
            .iter()
            .map(|var| Term::Var(*var))
            .collect();
        free.day = match &draft.day {
            Day::None => Day::None,
            Day::At(_) => Day::At(Term::Var(vars[vars.len() - 1])),
            Day::Regime(regimes, _) => Day::Regime(*regimes, vars[vars.len() - 1]),
        };
        self.finish(relation, home, head, body, &free);
    }

    /// The clause with the declared relation as its head.
    fn finish(
        &mut self,
        relation: RelationId,
        home: Option<ClauseId>,
        head: Vec<Term>,
        body: Vec<Literal>,
        draft: &Draft,
    ) {
        let rel = self.declared(relation).rel;
        let conclusion = Conclusion {
            relation,
            home,
            head,
            body,
            draft: draft.clone(),
        };
        self.add_clause(
            Atom {
                rel,
                args: columns(&conclusion),
            },
            conclusion.body.clone(),
            draft,
        );
        self.conclusions.push(conclusion);
    }

    /// The rows of every `A by C` that a body asked for.
    pub(super) fn answer_by(&mut self) {
        let conclusions = std::mem::take(&mut self.conclusions);
        for ((relation, clauses), rel) in self.by_rels.clone() {
            for conclusion in conclusions.iter().filter(|it| it.relation == relation) {
                let Some(home) = conclusion.home else {
                    continue;
                };
                let args = columns(conclusion);
                if clauses.contains(&home) {
                    let body = conclusion.body.clone();
                    self.add_clause(Atom { rel, args }, body, &conclusion.draft);
                    continue;
                }
                let Some(day) = conclusion.draft.day.term() else {
                    continue;
                };
                let olds = self.calendar.olds(home).into_iter();
                let meant = olds.filter(|old| clauses.contains(old));
                let as_one = meant.flat_map(|old| self.calendar.stands_as(home, old));
                for meant in self.on_days(as_one.collect(), &day) {
                    let head = Atom {
                        rel,
                        args: args.clone(),
                    };
                    let body = [conclusion.body.as_slice(), &meant].concat();
                    self.add_clause(head, body, &conclusion.draft);
                }
            }
        }
    }
}

/// The columns of a conclusion: its fields, and for a standing one the first day of its regime.
fn columns(conclusion: &Conclusion) -> Vec<Term> {
    let mut columns = conclusion.head.clone();
    if let Day::Regime(_, var) = conclusion.draft.day {
        columns.push(Term::Var(var));
    }
    columns
}

pub(super) fn expr_of(term: &Term) -> Expr {
    match term {
        Term::Var(var) => Expr::Var(*var),
        Term::Value(value) => Expr::Value(value.clone()),
        Term::Any => Expr::Value(Value::None),
    }
}
