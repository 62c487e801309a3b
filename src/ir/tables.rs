//! Tables: facts in rows, between braces or in a file beside the policy.

use super::error;
use super::names::{Names, Placed};
use super::policy::{Kind, Missing, Policy, PolicyFact, RelationId, RelationKind};
use super::records::{Record, records};
use super::terms::{self, literal_value, missing_value};
use super::{Problems, ReadBeside};
use crate::diagnostic::{Diagnostic, Label};
use crate::source::{FileId, Place, Sources, Span};
use crate::syntax::file::{self, Expr, ExprKind, ItemKind, TableRows};
use crate::value::{Date, Type, Value, shortened};

/// How many wrong rows of one table are listed.
const MOST_ROWS: usize = 20;

/// The rows of all tables, as facts of the policy.
pub(super) fn tables(
    statements: &[Placed<'_>],
    policy: &mut Policy,
    names: &Names,
    sources: &mut Sources,
    read_beside: &mut ReadBeside<'_>,
    problems: &mut Problems,
) {
    for placed in statements {
        let ItemKind::Table(table) = placed.kind else {
            continue;
        };
        let Some((relation, columns)) = head(table, placed, policy, names, problems) else {
            continue;
        };
        let mut wrong = Problems::default();
        let rows = match &table.rows {
            TableRows::Here(rows) => rows
                .iter()
                .filter_map(|row| here(row, relation, &columns, policy, names, &mut wrong))
                .collect(),
            TableRows::File(path) => from_file(
                path,
                relation,
                &columns,
                table,
                policy,
                names,
                sources,
                read_beside,
                &mut wrong,
            ),
        };
        let more = wrong.len().saturating_sub(MOST_ROWS);
        wrong.truncate(MOST_ROWS);
        problems.append(&mut wrong);
        if more > 0 {
            problems.push(error::more_wrong_rows(more, table.relation.span));
        }
        let facts = rows.into_iter().map(|(args, place)| PolicyFact {
            relation,
            args,
            home: placed.home.clause,
            place,
        });
        policy.facts.extend(facts);
    }
}

/// The relation, and for each column which field it fills.
fn head(
    table: &file::Table,
    placed: &Placed<'_>,
    policy: &Policy,
    names: &Names,
    problems: &mut Problems,
) -> Option<(RelationId, Vec<usize>)> {
    let id = terms::relation(
        policy,
        names,
        &table.relation,
        table.notice.as_ref(),
        placed.home.notice,
        problems,
    )?;
    let relation = policy.relation(id);
    if !matches!(
        relation.kind,
        Kind::Declared(RelationKind::Relation | RelationKind::Verdict)
    ) {
        problems.push(error::wrong_kind(
            &relation.name,
            "given by cases and facts",
            "listed in the policy",
            table.relation.span,
            relation.span,
            "declare it `relation` if the policy lists it",
        ));
        return None;
    }
    let mut columns = Vec::new();
    let before = problems.len();
    for column in &table.columns {
        match relation
            .fields
            .iter()
            .position(|field| field.name == column.text)
        {
            Some(at) if columns.contains(&at) => problems.push(error::field_twice(
                &relation.name,
                &column.text,
                column.span,
            )),
            Some(at) => columns.push(at),
            None => {
                problems.push(error::unknown_field(
                    &relation.name,
                    &column.text,
                    column.span,
                    relation.fields.iter().map(|field| field.name.as_str()),
                    relation.span,
                ));
            }
        }
    }
    if problems.len() > before {
        return None; // A slip in a column's name is why its field seems to be missing.
    }
    let missing: Vec<String> = relation
        .fields
        .iter()
        .enumerate()
        .filter(|(at, field)| !columns.contains(at) && field.missing == Missing::Never)
        .map(|(_, field)| field.name.clone())
        .collect();
    if !missing.is_empty() {
        problems.push(error::missing_fields(
            &relation.name,
            &missing,
            table.relation.span,
            relation.span,
        ));
        return None;
    }
    Some((id, columns))
}

fn here(
    row: &file::TableRow,
    relation: RelationId,
    columns: &[usize],
    policy: &Policy,
    names: &Names,
    problems: &mut Problems,
) -> Option<(Vec<Value>, Place)> {
    let declared = policy.relation(relation);
    if row.cells.len() != columns.len() {
        problems.push(error::wrong_number(
            &declared.name,
            row.cells.len(),
            columns.len(),
            row.span,
            declared.span,
        ));
        return None;
    }
    let mut args: Vec<Value> = declared
        .fields
        .iter()
        .map(|field| missing_value(field.missing))
        .collect();
    for (cell, at) in row.cells.iter().zip(columns) {
        let field = &declared.fields[*at];
        if matches!(cell.kind, ExprKind::Any) && field.missing != Missing::Never {
            continue;
        }
        match literal_value(policy, names, cell, field.ty) {
            Ok(value) => args[*at] = value,
            Err(problem) => {
                problems.push(problem);
                return None;
            }
        }
    }
    Some((args, Place::Span(row.span)))
}

#[expect(
    clippy::too_many_arguments,
    reason = "a table from a file needs the table, the policy and the way to the file"
)]
fn from_file(
    path: &file::Text,
    relation: RelationId,
    columns: &[usize],
    table: &file::Table,
    policy: &mut Policy,
    names: &Names,
    sources: &mut Sources,
    read_beside: &mut ReadBeside<'_>,
    problems: &mut Problems,
) -> Vec<(Vec<Value>, Place)> {
    let id = match read_beside(sources, path.span.file, &path.text) {
        Ok(id) => id,
        Err(reason) => {
            problems.push(error::bad_file(&path.text, &reason, path.span));
            return Vec::new();
        }
    };
    policy.beside.insert(path.span, (id, relation));
    let text = sources.file(id).text.clone();
    let mut records = records(&text);
    let Some((header, places)) = header(records.next(), table, path, problems) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for record in records {
        let (record, line) = match record {
            Ok(record) => record,
            Err(reason) => {
                problems.push(error::bad_file(&path.text, &reason, path.span));
                break;
            }
        };
        if record.len() != header {
            let problem = error::ragged(record.len(), header, path.span);
            problems.push(Diagnostic {
                labels: at_line(&problem, id, line, String::new()),
                ..problem
            });
            continue;
        }
        match row(
            &record, &places, relation, columns, policy, names, path.span,
        ) {
            Ok(args) => rows.push((args, Place::Record { file: id, line })),
            Err((column, problem)) => problems.push(Diagnostic {
                labels: at_line(&problem, id, line, column),
                ..problem
            }),
        }
    }
    rows
}

/// How many columns the file has, and where each column of the table stands in it.
fn header(
    first: Option<Result<Record, String>>,
    table: &file::Table,
    path: &file::Text,
    problems: &mut Problems,
) -> Option<(usize, Vec<usize>)> {
    let header = match first {
        Some(Ok((header, _))) => header,
        Some(Err(reason)) => {
            problems.push(error::bad_file(&path.text, &reason, path.span));
            return None;
        }
        None => {
            problems.push(error::bad_file(&path.text, "it is empty", path.span));
            return None;
        }
    };
    let mut places = Vec::new();
    for column in &table.columns {
        match header.iter().position(|name| name == column.text) {
            Some(at) => places.push(at),
            None => problems.push(error::bad_file(
                &path.text,
                &format!("its first row has no column `{}`", column.text),
                column.span,
            )),
        }
    }
    (places.len() == table.columns.len()).then_some((header.len(), places))
}

fn at_line(problem: &Diagnostic, file: FileId, line: u32, text: String) -> Vec<Label> {
    let place = Place::Record { file, line };
    let mut labels = vec![Label { place, text }];
    labels.extend(problem.labels.iter().skip(1).cloned());
    labels
}

/// The values of a row; or what is wrong, and in which column.
fn row(
    record: &csv::StringRecord,
    places: &[usize],
    relation: RelationId,
    columns: &[usize],
    policy: &Policy,
    names: &Names,
    span: Span,
) -> Result<Vec<Value>, (String, Diagnostic)> {
    let fields = &policy.relation(relation).fields;
    let mut args: Vec<Value> = fields
        .iter()
        .map(|field| missing_value(field.missing))
        .collect();
    for (place, at) in places.iter().zip(columns) {
        let cell = record.get(*place).unwrap_or("");
        let field = &fields[*at];
        if cell.is_empty() && field.missing != Missing::Never {
            continue;
        }
        let value = value_of_cell(cell, field.ty, policy, names, span);
        let column = || format!("column {}, `{}`", place + 1, field.name);
        args[*at] = value.map_err(|problem| (column(), problem))?;
    }
    Ok(args)
}

fn value_of_cell(
    cell: &str,
    ty: Type,
    policy: &Policy,
    names: &Names,
    span: Span,
) -> Result<Value, Diagnostic> {
    let text = || ExprKind::Text(cell.to_owned());
    let kind = match ty {
        Type::Number(wanted) => {
            let number = policy.types.number_as_written(cell, wanted);
            let no_number = |reason| error::no_number_written(&reason, &policy.types, wanted, span);
            return number.map_err(no_number);
        }
        Type::Date => cell.parse::<Date>().ok().map(ExprKind::Date),
        Type::Bool => cell.parse::<bool>().ok().map(ExprKind::Bool),
        Type::Entity(_) => (!cell.is_empty()).then(text),
        Type::Set(_) | Type::Text => Some(text()),
    };
    let wanted = || terms::type_words(&policy.types, ty);
    let wrong = || error::wrong_type(&format!("`{}`", shortened(cell)), &wanted(), span);
    let kind = kind.ok_or_else(wrong)?;
    literal_value(policy, names, &Expr { kind, span }, ty)
}
