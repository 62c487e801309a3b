//! Exemptions: which of the candidates of a rule each one blocks.

use super::draft::{Day, Draft, atom_of};
use super::from_policy::Lowering;
use super::program::{Atom, Check, Literal, Origin, OriginSource, RelId, Term, Var};
use crate::ir::{
    self, Blocked, Calendars, Circumstances, ClauseId, Days, ExemptionId, ExemptionTarget, Policy,
    RelationId,
};
use crate::value::TypeId;
use std::collections::BTreeMap;

/// The columns of a rule's candidates: the fields of the conclusion, then the events that it is about, then its day.
pub(super) struct Layout {
    pub(super) relation: RelationId,
    pub(super) candidate: RelId,
    pub(super) fields: usize,
    /// The types of the events' ids.
    pub(super) events: Vec<TypeId>,
    pub(super) day: Day,
}

impl Layout {
    fn columns(&self) -> usize {
        self.fields + self.events.len() + usize::from(self.day.term().is_some())
    }

    /// In the place of which event one that an exemption is about can stand, by the place among the events; for one that is
    /// about a conclusion, in none.
    fn places_for(&self, target: &ExemptionTarget) -> Vec<Option<usize>> {
        match target {
            ExemptionTarget::Head(_) => vec![None],
            ExemptionTarget::Event(_, ty) => {
                let events = self.events.iter().enumerate();
                let fitting = events.filter(|(_, other)| *other == ty);
                fitting.map(|(at, _)| Some(at)).collect()
            }
        }
    }
}

/// On which days an exemption may block something: on all, or on those of these stretches.
pub(super) type OnDays = Option<Vec<Days>>;

/// The exemptions that may block something that stands in `home`: those that name its clause, and on some days those that name
/// a clause in whose place it stands then.
pub(super) fn exemptions_of(
    policy: &Policy,
    calendar: &Calendars,
    circumstances: &Circumstances,
    blocked: Blocked,
    home: Option<ClauseId>,
) -> Vec<(ExemptionId, OnDays)> {
    let counts = |exemption: &ir::Exemption| {
        calendar.is_ever_in_force(exemption.home)
            && !circumstances.exemptions_lifted.covers(exemption.home)
    };
    let mut list: BTreeMap<ExemptionId, OnDays> = policy
        .exemptions_of(blocked)
        .filter(|(_, exemption)| counts(exemption))
        .map(|(id, _)| (id, None))
        .collect();
    for replacement in calendar
        .base
        .replacements
        .iter()
        .filter(|replacement| Some(replacement.new) == home)
    {
        for (at, exemption) in policy.exemptions.iter().enumerate() {
            if exemption.from.contains(&replacement.old)
                && counts(exemption)
                && is_about(policy, exemption, blocked)
            {
                let days = list.entry(ExemptionId(at as u32));
                let days = days.or_insert_with(|| Some(Vec::new()));
                days.iter_mut().for_each(|days| days.push(replacement.days));
            }
        }
    }
    list.into_iter().collect()
}

/// Whether an exemption is about what a rule or fact concludes.
fn is_about(policy: &Policy, exemption: &ir::Exemption, blocked: Blocked) -> bool {
    match (&exemption.target, blocked) {
        (ExemptionTarget::Head(pattern), Blocked::Rule(rule)) => {
            policy.rule(rule).head.relation == pattern.relation
        }
        (ExemptionTarget::Head(pattern), Blocked::Facts(relation, _)) => {
            relation == pattern.relation
        }
        (ExemptionTarget::Event(_, ty), Blocked::Rule(rule)) => {
            let mut events = ir::events_of(policy, policy.rule(rule)).into_iter();
            events.any(|(_, other)| other == *ty)
        }
        (ExemptionTarget::Event(_, ty), Blocked::Facts(relation, _)) => {
            let mut fields = ir::event_fields(policy, relation).into_iter();
            fields.any(|(_, other)| other == *ty)
        }
        (_, Blocked::Exemption(_)) => false,
    }
}

impl Lowering<'_> {
    /// The candidates that an exemption blocks. `path` holds the exemptions that we come from.
    pub(super) fn blocked(
        &mut self,
        id: ExemptionId,
        days: &OnDays,
        layout: &Layout,
        path: &mut Vec<ExemptionId>,
    ) -> RelId {
        let exemption = self.policy.exemption(id);
        let place = self.policy.citation(exemption.home);
        let columns = layout.columns();
        let name = format!(
            "{}#exempt {place} {}",
            self.policy.relation(layout.relation).name,
            self.program.clauses.len()
        );
        let rel = self.add_relation(name, columns);
        self.exempting.exempt.insert(rel);
        if path.contains(&id) {
            let spans = path
                .iter()
                .map(|at| self.policy.exemption(*at).span)
                .collect::<Vec<_>>();
            self.diagnostics
                .push(super::error::mutual_exemption(&spans));
            return rel;
        }
        path.push(id);
        let origin = Origin {
            source: OriginSource::Exemption(id),
            span: Some(exemption.span),
        };
        let outer = super::exemptions::exemptions_of(
            self.policy,
            self.calendar,
            self.circumstances,
            Blocked::Exemption(id),
            Some(exemption.home),
        );
        let target = if outer.is_empty() {
            rel
        } else {
            self.add_relation(
                format!(
                    "{}#exempt candidate {place} {}",
                    self.policy.relation(layout.relation).name,
                    self.program.clauses.len()
                ),
                columns,
            )
        };
        self.exempting.exempt.insert(target);
        let places = layout.places_for(&exemption.target);
        let alternatives = self.alternatives(&exemption.body, exemption.span);
        let ways = alternatives.iter();
        let ways = ways.flat_map(|alternative| places.iter().map(move |at| (alternative, *at)));
        for (alternative, place) in ways {
            let mut draft = Draft::new(&exemption.variables, origin);
            let (atom, mut body) = self.candidate_atom(exemption, layout, place, &mut draft);
            if let (Some(days), Some(day)) = (days, draft.day.term()) {
                body.push(self.within(days, day));
            }
            body.extend(self.body(alternative, &mut draft, &body));
            for in_force in self.in_force(Some(exemption.home), draft.day.term()) {
                let head = Atom {
                    rel: target,
                    args: atom.args.clone(),
                };
                self.add_clause(head, [body.as_slice(), &in_force].concat(), &draft);
            }
        }
        if !outer.is_empty() {
            self.unless_exempted(rel, target, outer, columns, origin, layout, path);
        }
        path.pop();
        // What an exemption from an exemption blocks is not exempted: that restores it.
        if path.is_empty() {
            self.blocked_rels
                .push((id, layout.relation, layout.candidate, rel));
        }
        rel
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the exemption's relations and those of what exempts from it"
    )]
    fn unless_exempted(
        &mut self,
        rel: RelId,
        target: RelId,
        outer: Vec<(ExemptionId, OnDays)>,
        columns: usize,
        origin: Origin,
        layout: &Layout,
        path: &mut Vec<ExemptionId>,
    ) {
        let inner = Layout {
            candidate: target,
            events: layout.events.clone(),
            day: layout.day.clone(),
            ..*layout
        };
        let mut draft = Draft::new(&[], origin);
        let vars: Vec<Var> = (0..columns).map(|_| draft.fresh("_")).collect();
        let mut body = vec![Literal::Positive(atom_of(target, &vars))];
        for (other, days) in outer {
            let blocked = self.blocked(other, &days, &inner, path);
            body.push(Literal::Negative(atom_of(blocked, &vars), Vec::new()));
        }
        self.add_clause(atom_of(rel, &vars), body, &draft);
    }

    /// The candidates that an exemption's pattern matches, its event in that place among theirs; the draft gets their day.
    fn candidate_atom(
        &mut self,
        exemption: &ir::Exemption,
        layout: &Layout,
        place: Option<usize>,
        draft: &mut Draft,
    ) -> (Atom, Vec<Literal>) {
        let mut checks = Vec::new();
        let mut args = Vec::new();
        for field in 0..layout.fields {
            let term = match &exemption.target {
                ExemptionTarget::Head(pattern) => {
                    pattern.args.get(field).cloned().unwrap_or(ir::Term::Any)
                }
                ExemptionTarget::Event(..) => ir::Term::Any,
            };
            args.push(match self.term(&term, draft) {
                Term::Any => Term::Var(draft.fresh("_")),
                other => other,
            });
            let must_be_there = matches!(term, ir::Term::Variable(_) | ir::Term::Present)
                && self.may_be_missing(layout.relation, field);
            if let (true, Some(Term::Var(var))) = (must_be_there, args.last()) {
                checks.push(Literal::Check(Check::Present(*var)));
            }
        }
        for at in 0..layout.events.len() {
            args.push(match &exemption.target {
                ExemptionTarget::Event(term, _) if place == Some(at) => self.term(term, draft),
                ExemptionTarget::Event(..) | ExemptionTarget::Head(_) => {
                    Term::Var(draft.fresh("event"))
                }
            });
        }
        let day = draft.fresh("day");
        match &layout.day {
            Day::None => {}
            Day::At(_) => draft.day = Day::At(Term::Var(day)),
            Day::Regime(regimes, _) => draft.day = Day::Regime(*regimes, day),
        }
        args.extend(draft.day.term());
        let atom = Atom {
            rel: layout.candidate,
            args,
        };
        let mut body = vec![Literal::Positive(atom.clone())];
        body.extend(checks);
        (atom, body)
    }

    /// The rows of every `exempted A by C` that a body asked for.
    pub(super) fn answer_exempted(&mut self) {
        for ((relation, ids), rel) in self.exempted_rels.clone() {
            for (id, other, candidate, blocked) in self.blocked_rels.clone() {
                let days: OnDays = match ids.contains(&id) {
                    _ if other != relation => continue,
                    true => None,
                    // It may stand as one of those, on some days.
                    false => match self.days_as_one_of(id, &ids) {
                        days if days.is_empty() => continue,
                        days => Some(days),
                    },
                };
                let origin = Origin {
                    source: OriginSource::Exemption(id),
                    span: Some(self.policy.exemption(id).span),
                };
                let mut draft = Draft::new(&[], origin);
                let columns = self.program.relations[blocked.0 as usize].arity;
                let wanted = self.program.relations[rel.0 as usize].arity;
                let fields = self.policy.relation(relation).fields.len();
                let vars: Vec<Var> = (0..columns).map(|_| draft.fresh("_")).collect();
                let mut head = vars[..fields].to_vec();
                if wanted > fields {
                    head.push(vars[columns - 1]);
                }
                let mut body = vec![
                    Literal::Positive(atom_of(blocked, &vars)),
                    Literal::Positive(atom_of(candidate, &vars)),
                ];
                if let Some(days) = days {
                    body.push(self.within(&days, Term::Var(vars[columns - 1])));
                }
                self.add_clause(atom_of(rel, &head), body, &draft);
            }
        }
    }

    /// The days on which an exemption stands in the place of one of these.
    fn days_as_one_of(&self, id: ExemptionId, ids: &[ExemptionId]) -> Vec<Days> {
        let home = self.policy.exemption(id).home;
        let is_old = |old: ClauseId| ids.iter().any(|id| self.policy.exemption(*id).home == old);
        let replacements = self.calendar.base.replacements.iter();
        let as_one = replacements.filter(|it| it.new == home && is_old(it.old));
        as_one.map(|replacement| replacement.days).collect()
    }
}
