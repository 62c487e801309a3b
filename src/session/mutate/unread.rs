//! Columns that nothing reads: whatever stands there, no verdict changes.

use crate::ir::{
    Atom, ExemptionTarget, ExpectClaim, Kind, Literal, Policy, RelationId, RelationKind, Term,
};
use crate::value::Type;
use std::collections::BTreeSet;

/// The columns that some rule, exemption, presumption or case reads, or that are more than a number, a date or a text in a row of
/// the policy's own: those of a key, of an event or a verdict, of a name.
pub(super) struct Read<'p> {
    policy: &'p Policy,
    columns: BTreeSet<(RelationId, usize)>,
}

impl Read<'_> {
    pub(super) fn of(policy: &Policy) -> Read<'_> {
        let mut read = Read {
            policy,
            columns: BTreeSet::new(),
        };
        for rule in &policy.rules {
            read.body(&rule.body);
        }
        for exemption in &policy.exemptions {
            if let ExemptionTarget::Head(atom) = &exemption.target {
                read.atom(atom);
            }
            read.body(&exemption.body);
        }
        let own = policy.cases.iter().flat_map(|case| &case.presumptions);
        let given = policy.givens.iter().flat_map(|given| &given.presumptions);
        for presumption in policy.presumptions.iter().chain(own).chain(given) {
            read.atom(&presumption.rule.head);
            read.body(&presumption.rule.body);
        }
        let expects = policy.cases.iter().flat_map(|case| &case.expects);
        for expect in expects {
            if let ExpectClaim::Query(query) = &expect.claim {
                read.atom(&query.atom);
            }
        }
        read
    }

    /// Whether anything can hang on that column.
    pub(super) fn has(&self, relation: RelationId, column: usize) -> bool {
        let declared = self.policy.relation(relation);
        let is_plain = declared.kind == Kind::Declared(RelationKind::Relation)
            && declared.key.is_none()
            && self.policy.working_day != Some(relation);
        let is_name = matches!(declared.fields[column].ty, Type::Entity(_));
        !is_plain || is_name || self.columns.contains(&(relation, column))
    }

    fn atom(&mut self, atom: &Atom) {
        let read = atom.args.iter().enumerate();
        let read = read.filter(|(_, term)| !matches!(term, Term::Any));
        self.columns
            .extend(read.map(|(column, _)| (atom.relation, column)));
    }

    fn body(&mut self, body: &[Literal]) {
        for literal in body {
            match literal {
                Literal::Holds(premise) | Literal::Absent(premise) => self.atom(&premise.atom),
                Literal::Aggregate(aggregate) => self.body(&aggregate.body),
                Literal::Or(sides, _) => sides.iter().for_each(|side| self.body(side)),
                Literal::Exempted(exempted) => self.atom(&exempted.atom),
                Literal::Compare(_) | Literal::Bind(_) | Literal::Test(_) => {}
            }
        }
    }
}
