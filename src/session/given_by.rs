//! What a clause gives: `A by C`, also where that is open, or holds in every case by one rule of the clause or another.

use super::Session;
use super::open::{Found, Sure};
use super::run::Evaluated;
use crate::ir::{
    Atom, ClauseId, Field, Kind, Literal, Missing, Premise, Query, Relation, RelationId,
    RelationKind, Rule, Term, Timing, Variable, VariableId,
};
use crate::proof::Claim;
use crate::value::Value;

impl Session {
    /// The facts that match a query and that a rule of these clauses gives, or may; those that it gives for sure first.
    pub(super) fn found_by(
        &self,
        evaluated: &Evaluated,
        query: &Query,
        by: &[ClauseId],
    ) -> Vec<Found> {
        let mut found = self.found(evaluated, query);
        let is_given = |found: &Found| {
            let claim = found.on(query.on);
            found.sure == Sure::Follows
                && evaluated.with_world(&self.policy, |world| world.is_given_by(&claim, by))
        };
        let may_be_given = |found: &Found| {
            let claim = found.on(query.on);
            let (sure, may_be) = evaluated.with_world(&self.policy, |world| {
                (world.given_by(&claim), world.may_be_given_by(&claim))
            });
            found.sure != Sure::Follows || sure != may_be
        };
        if found.iter().any(|it| !is_given(it) && may_be_given(it)) {
            return self.settled_by(evaluated, query, by);
        }
        found.retain(is_given);
        found
    }

    /// The same, decided with a relation of its own: `asked(…) if A(…) by C`.
    fn settled_by(&self, evaluated: &Evaluated, query: &Query, by: &[ClauseId]) -> Vec<Found> {
        let told = fields_told(self, query);
        let as_asked = self.decided_as_asked(evaluated, query, Some(by.to_vec()), &told);
        let fits = |found: &Found| super::open::fits(&query.atom.args, &found.claim.args);
        let is_asked = |at: usize| told.contains(&at);
        let all_told = (0..query.atom.args.len()).all(is_asked);
        as_asked
            .into_iter()
            .filter(|it| !all_told || fits(it))
            .collect()
    }

    /// The facts that match a query of what is given, where a value that nobody knows would have to be the one that is asked for.
    pub(super) fn found_as_asked(&self, evaluated: &Evaluated, query: &Query) -> Vec<Found> {
        let (fields, args) = (
            &self.policy.relation(query.atom.relation).fields,
            &query.atom.args,
        );
        let is_first = |at: usize| !args[..at].contains(&args[at]) || args[at] == Term::Any;
        let is_told = |at: &usize| {
            fields[*at].missing != Missing::None
                && !matches!(args[*at], Term::Value(_))
                && is_first(*at)
        };
        let told: Vec<usize> = (0..args.len()).filter(is_told).collect();
        let mut found = self.decided_as_asked(evaluated, query, None, &told);
        for found in &mut found {
            let filled = &mut found.claim.args;
            for (at, term) in args.iter().enumerate() {
                match term {
                    Term::Value(value) => filled[at] = value.clone(),
                    Term::Variable(_) | Term::Each(_) if !told.contains(&at) => {
                        let first = told.iter().find(|first| args[**first] == *term);
                        filled[at] = first.map_or(Value::None, |first| filled[*first].clone());
                    }
                    _ => {}
                }
            }
        }
        found
    }

    fn decided_as_asked(
        &self,
        evaluated: &Evaluated,
        query: &Query,
        by: Option<Vec<ClauseId>>,
        told: &[usize],
    ) -> Vec<Found> {
        let mut asking = self.clone();
        let relation = asking.add_asked(query, by, told);
        let Ok(evaluated) = asking.run(&evaluated.facts, &evaluated.circumstances) else {
            return Vec::new();
        };
        let found = asking.found_where(&evaluated, relation, query.on, None);
        let as_asked = found.into_iter().map(|found| {
            let mut args = vec![Value::None; query.atom.args.len()];
            for (at, value) in told.iter().zip(&found.claim.args) {
                args[*at] = value.clone();
            }
            let claim = Claim {
                relation: query.atom.relation,
                args,
                day: None,
            };
            Found { claim, ..found }
        });
        as_asked.collect()
    }

    fn add_asked(
        &mut self,
        query: &Query,
        by: Option<Vec<ClauseId>>,
        told: &[usize],
    ) -> RelationId {
        let policy = &mut self.policy;
        let about = policy.relation(query.atom.relation).clone();
        let relation = RelationId(policy.relations.len() as u32);
        // A variable that is asked for twice may be told once.
        let is_same = |at: usize, told: usize| {
            let (one, other) = (&query.atom.args[at], &query.atom.args[told]);
            matches!(one, Term::Variable(_) | Term::Each(_)) && one == other
        };
        let variable = |at: usize| {
            let own = told.iter().position(|told| *told == at);
            own.or_else(|| told.iter().position(|told| is_same(at, *told)))
        };
        let args = query.atom.args.iter().enumerate();
        let args = args.map(|(at, term)| match (variable(at), term) {
            (Some(number), _) => Term::Variable(VariableId(number as u32)),
            (None, Term::Variable(_)) => Term::Present,
            (None, term) => term.clone(),
        });
        let body = Literal::Holds(Premise {
            atom: Atom {
                args: args.collect(),
                ..query.atom.clone()
            },
            on: None,
            by,
            span: query.atom.span,
        });
        let fields = told.iter().map(|at| about.fields[*at].clone());
        let fields: Vec<Field> = fields.collect();
        let variables = fields.iter().map(|field| Variable {
            name: field.name.clone(),
            ty: field.ty,
            span: query.atom.span,
        });
        let timing = match about.standing {
            true => Timing::Standing,
            false => Timing::Timeless,
        };
        policy.rules.push(Rule {
            head: Atom {
                relation,
                args: (0..told.len() as u32)
                    .map(|at| Term::Variable(VariableId(at)))
                    .collect(),
                span: query.atom.span,
            },
            body: vec![body],
            variables: variables.collect(),
            home: None,
            timing,
            doc: String::new(),
            span: query.atom.span,
        });
        policy.relations.push(Relation {
            kind: Kind::Declared(RelationKind::Relation),
            fields,
            key: None,
            dated: false,
            on: None,
            reads: None,
            ..about
        });
        relation
    }
}

/// The fields of what is asked about that have a value in any case.
fn fields_told(session: &Session, query: &Query) -> Vec<usize> {
    let fields = &session.policy.relation(query.atom.relation).fields;
    let is_told = |at: &usize| fields[*at].missing == Missing::Never;
    (0..fields.len()).filter(is_told).collect()
}
