//! Exemptions: which of the candidates of a rule each one blocks.

use super::draft::{Day, Draft, atom_of};
use super::from_policy::Lowering;
use super::program::{Atom, Check, Literal, Origin, OriginSource, RelId, Term, Var};
use crate::ir::{
    self, Blocked, Calendars, Circumstances, ClauseId, ExemptionId, ExemptionTarget, InForceIf,
    Policy, RelationId,
};
use crate::value::TypeId;
use std::collections::{BTreeMap, BTreeSet};

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

/// On which days an exemption may block something: on all, or on these, perhaps on conditions.
pub(super) type OnDays = Option<Vec<InForceIf>>;

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
    let olds = home.map_or(BTreeSet::new(), |home| calendar.olds(home));
    for (new, old) in olds.iter().filter_map(|old| home.zip(Some(*old))) {
        for (at, exemption) in policy.exemptions.iter().enumerate() {
            if exemption.from.contains(&old)
                && counts(exemption)
                && is_about(policy, exemption, blocked)
            {
                let days = list.entry(ExemptionId(at as u32));
                let days = days.or_insert_with(|| Some(Vec::new()));
                if let Some(days) = days {
                    days.extend(calendar.stands_as(new, old));
                }
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
            body.extend(self.body(alternative, &mut draft, &body));
            let meant = match (days, draft.day.term()) {
                (Some(days), Some(day)) => self.on_days(days.clone(), &day),
                _ => vec![Vec::new()],
            };
            for in_force in self.in_force(Some(exemption.home), draft.day.term()) {
                for meant in &meant {
                    let head = Atom {
                        rel: target,
                        args: atom.args.clone(),
                    };
                    let body = [body.as_slice(), meant, &in_force].concat();
                    self.add_clause(head, body, &draft);
                }
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
                let body = [blocked, candidate].map(|rel| Literal::Positive(atom_of(rel, &vars)));
                let meant = match days {
                    Some(days) => self.on_days(days, &Term::Var(vars[columns - 1])),
                    None => vec![Vec::new()],
                };
                for meant in meant {
                    let body = [body.as_slice(), &meant].concat();
                    self.add_clause(atom_of(rel, &head), body, &draft);
                }
            }
        }
    }

    /// The days on which an exemption stands in the place of one of these.
    fn days_as_one_of(&self, id: ExemptionId, ids: &[ExemptionId]) -> Vec<InForceIf> {
        let home = self.policy.exemption(id).home;
        let is_old = |old: &ClauseId| ids.iter().any(|id| self.policy.exemption(*id).home == *old);
        let olds = self.calendar.olds(home).into_iter().filter(is_old);
        olds.flat_map(|old| self.calendar.stands_as(home, old))
            .collect()
    }
}
