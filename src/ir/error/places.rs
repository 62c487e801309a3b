//! What stands where it cannot, or lacks what belongs beside it.

use crate::diagnostic::Diagnostic;
use crate::source::Span;

pub(in crate::ir) fn expectation_in_given(at: Span) -> Diagnostic {
    Diagnostic::error("E0250", "an expectation stands in a `given` block")
        .at(at, "")
        .help("put it into a case")
}

pub(in crate::ir) fn rule_among_facts(at: Span) -> Diagnostic {
    Diagnostic::error("E0251", "a rule stands among the facts")
        .at(at, "")
        .help("rules belong into the policy; here stand facts such as `foreign(rheinwerk).`")
}

pub(in crate::ir) fn policy_among_facts(at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0252",
        "this belongs into the policy, and not among the facts",
    )
    .at(at, "")
    .help("a file of facts has statements such as `foreign(rheinwerk).`")
}

pub(in crate::ir) fn constraint_of_a_day(at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0253",
        "a constraint is broken or not, on no day and by no clause",
    )
    .at(at, "")
    .help("write `expect never \"…\"` or `expect not never \"…\"`")
}

pub(in crate::ir) fn exemption_outside(at: Span) -> Diagnostic {
    Diagnostic::error("E0254", "an exemption stands outside any notice")
        .at(at, "")
        .help("put it into the clause that grants it: it counts while that clause is in force")
}

pub(in crate::ir) fn denied_conclusion(at: Span) -> Diagnostic {
    Diagnostic::error("E0255", "a conclusion cannot be denied")
        .at(at, "")
        .help("only a judgement is denied, in a case or in facts")
}

pub(in crate::ir) fn rule_with_days(at: Span) -> Diagnostic {
    Diagnostic::error("E0256", "only a fact of a dated input has days of its own")
        .at(at, "")
        .help("put the rule into a clause with these days")
}

pub(in crate::ir) fn fact_on_a_day(at: Span) -> Diagnostic {
    Diagnostic::error("E0257", "a fact has no event by whose day it is judged")
        .at(at, "")
        .help("leave out `on`")
}

pub(in crate::ir) fn which_event(variable: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0258", format!("nothing tells which event `{variable}` is"))
        .at(at, "")
        .help("name the event in a condition, as in `exempt T from 1 if transfer(T)`; or write the conclusion that is exempted")
}

pub(in crate::ir) fn anything_concluded(at: Span) -> Diagnostic {
    Diagnostic::error("E0259", "`_` cannot stand in a conclusion")
        .at(at, "")
        .help("say which value it is; a field `or none` is left out")
}

pub(in crate::ir) fn anything_computed(at: Span) -> Diagnostic {
    Diagnostic::error("E0260", "`_` has no value to compute or compare with")
        .at(at, "")
        .help("use a variable that a condition binds")
}

/// `what` a function has not: a day, say.
pub(in crate::ir) fn function_like_an_atom(what: &str, function: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0261", format!("a function {what}"))
        .at(at, "")
        .help(format!("write its values alone: `{function}(A, B)`"))
}

pub(in crate::ir) fn asked_whether_given(relation: &str, at: Span) -> Diagnostic {
    let message =
        format!("whether `{relation}` is given says nothing: what is not given is not known");
    Diagnostic::error("E0262", message)
        .at(at, "")
        .help("ask for a value, as in `not p(K, 14 nm)`")
}

pub(in crate::ir) fn braces_in_braces(at: Span) -> Diagnostic {
    Diagnostic::error("E0263", "braces stand within braces")
        .at(at, "")
        .help("give the inner part a relation of its own")
}

pub(in crate::ir) fn aggregate_of_nothing(function: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0264", format!("`{function}` does not say of what"))
        .at(at, "")
        .help(format!(
            "write the value in front of the braces, as in `{function} X {{ … }}`"
        ))
}

pub(in crate::ir) fn empty_list(at: Span) -> Diagnostic {
    Diagnostic::error("E0265", "the list is empty")
        .at(at, "")
        .help("name at least one value")
}

pub(in crate::ir) fn exempted_by_what(at: Span) -> Diagnostic {
    Diagnostic::error("E0266", "`exempted` does not say by which clause")
        .at(at, "")
        .help("write `exempted conclusion by clause`")
}
