//! Declarations: types and relations.

use super::error;
use super::names::{Names, Placed};
use super::policy::{
    Field, Kind, Missing, NoticeId, Policy, Relation, RelationId, RelationKind, TemplatePart,
};
use super::records::records;
use super::{Problems, ReadBeside, units};
use crate::diagnostic::nearest;
use crate::source::{Sources, Span};
use crate::syntax::file::{
    self, FieldUnit, ItemKind, RelationDeclaration, TypeBody, TypeDeclaration,
};
use crate::value::{
    Member, Members, NamedType, NumberType, Type, TypeId, TypeKind, function_named,
};
use std::collections::BTreeMap;

/// The types, in the order of their names.
pub(super) fn types(
    statements: &[Placed<'_>],
    policy: &mut Policy,
    names: &mut Names,
    sources: &mut Sources,
    read_beside: &mut ReadBeside<'_>,
    problems: &mut Problems,
) {
    let mut declared: BTreeMap<&str, &TypeDeclaration> = BTreeMap::new();
    for placed in statements {
        let ItemKind::Type(declaration) = placed.kind else {
            continue;
        };
        match declared.get(declaration.name.text.as_str()) {
            Some(first) => problems.push(error::declared_twice(
                "type",
                &declaration.name.text,
                declaration.name.span,
                first.name.span,
            )),
            None => {
                declared.insert(&declaration.name.text, declaration);
            }
        }
    }
    for (name, declaration) in declared {
        let kind = match &declaration.body {
            TypeBody::Entity => TypeKind::Entity,
            TypeBody::Set(members) => TypeKind::Set {
                ordered: false,
                members: Members::new(written_members(members, problems)),
            },
            TypeBody::OrderedSet(members) => TypeKind::Set {
                ordered: true,
                members: Members::new(written_members(members, problems)),
            },
            TypeBody::File(path) => {
                let before = problems.len();
                let members = members_from(path, sources, read_beside, problems);
                if problems.len() > before {
                    names.add_broken_name(name);
                    continue;
                }
                TypeKind::Set {
                    ordered: false,
                    members: Members::new(members),
                }
            }
        };
        names
            .types
            .insert(name.to_owned(), TypeId(policy.types.named.len() as u32));
        policy.types.named.push(NamedType {
            name: name.to_owned(),
            kind,
        });
    }
}

fn written_members(members: &[file::Name], problems: &mut Problems) -> Vec<Member> {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for member in members {
        if let Some(first) = seen.insert(&member.text, member.span) {
            problems.push(error::declared_twice(
                "member",
                &member.text,
                member.span,
                first,
            ));
        }
    }
    members
        .iter()
        .map(|member| Member {
            name: member.text.clone(),
            others: Vec::new(),
        })
        .collect()
}

/// The members in a file: a header, then one a row, its name in the first column and other names in the further ones.
fn members_from(
    path: &file::Text,
    sources: &mut Sources,
    read_beside: &mut ReadBeside<'_>,
    problems: &mut Problems,
) -> Vec<Member> {
    let text = match read_beside(sources, path.span.file, &path.text) {
        Ok(id) => sources.file(id).text.clone(),
        Err(reason) => {
            problems.push(error::bad_file(&path.text, &reason, path.span));
            return Vec::new();
        }
    };
    let mut members: Vec<Member> = Vec::new();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    // The first row is the header.
    for record in records(&text).skip(1) {
        let (record, line) = match record {
            Ok(record) => record,
            Err(reason) => {
                problems.push(error::bad_file(&path.text, &reason, path.span));
                break;
            }
        };
        let mut cells = record
            .iter()
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned);
        let Some(name) = cells.next() else { continue };
        let others: Vec<String> = cells.filter(|other| *other != name).collect();
        for word in std::iter::once(&name).chain(&others) {
            if let Some(first) = seen.insert(word.clone(), line) {
                problems.push(error::bad_file(
                    &path.text,
                    &format!("`{word}` stands in line {first} and in line {line}"),
                    path.span,
                ));
            }
        }
        members.push(Member { name, others });
    }
    members
}

/// The relations, in the order of their names; then one for the names of each type.
pub(super) fn relations(
    statements: &[Placed<'_>],
    policy: &mut Policy,
    names: &mut Names,
    problems: &mut Problems,
) {
    let mut declared: BTreeMap<String, (&RelationDeclaration, &Placed<'_>)> = BTreeMap::new();
    for placed in statements {
        let ItemKind::Relation(declaration) = placed.kind else {
            continue;
        };
        if placed.home.notice.is_some()
            && !matches!(
                declaration.kind,
                RelationKind::Relation | RelationKind::Judgement | RelationKind::Verdict
            )
        {
            problems.push(error::declared_in_a_notice(declaration.name.span));
        }
        let name = qualified(policy, placed.home.notice, &declaration.name.text);
        match declared.get(&name) {
            Some((first, _)) => problems.push(error::declared_twice(
                "relation",
                &name,
                declaration.name.span,
                first.name.span,
            )),
            None => {
                declared.insert(name, (declaration, placed));
            }
        }
    }
    for (name, (declaration, placed)) in declared {
        let id = RelationId(policy.relations.len() as u32);
        let before = problems.len();
        let mut relation = relation(name, declaration, placed.doc, policy, names, problems);
        if problems.len() > before {
            names.add_broken_name(&declaration.name.text);
            continue;
        }
        let reads = declaration.reads.as_ref();
        relation.reads = reads.map(|text| template(text, &relation, problems));
        names.add_relation(&relation.name, id);
        if relation.name == "working_day" {
            let is_calendar = relation.fields.len() == 1 && relation.fields[0].ty == Type::Date;
            if is_calendar {
                policy.working_day = Some(id);
            }
        }
        if function_named(&relation.name).is_some() {
            problems.push(error::hides_function(&relation.name, declaration.name.span));
        }
        policy.relations.push(relation);
    }
    for at in 0..policy.types.named.len() {
        let id = TypeId(at as u32);
        names.relations.insert(
            policy.types.named(id).name.clone(),
            RelationId(policy.relations.len() as u32),
        );
        policy.relations.push(names_of_type(policy, id));
    }
}

fn qualified(policy: &Policy, notice: Option<NoticeId>, name: &str) -> String {
    match notice {
        Some(notice) => format!("{}.{name}", policy.notice(notice).id),
        None => name.to_owned(),
    }
}

fn names_of_type(policy: &Policy, id: TypeId) -> Relation {
    let named = policy.types.named(id);
    let ty = match named.kind {
        TypeKind::Entity => Type::Entity(id),
        TypeKind::Set { .. } => Type::Set(id),
    };
    Relation {
        name: named.name.clone(),
        kind: Kind::Names(id),
        fields: vec![Field {
            name: "name".into(),
            ty,
            missing: Missing::Never,
            span: None,
        }],
        key: None,
        dated: false,
        on: None,
        standing: false,
        reads: None,
        doc: String::new(),
        span: None,
    }
}

fn relation(
    name: String,
    declaration: &RelationDeclaration,
    doc: &str,
    policy: &Policy,
    names: &Names,
    problems: &mut Problems,
) -> Relation {
    let mut fields: Vec<Field> = Vec::new();
    for field in &declaration.fields {
        if let Some(first) = fields.iter().find(|other| other.name == field.name.text) {
            problems.push(error::declared_twice(
                "field",
                &field.name.text,
                field.name.span,
                first.span.unwrap_or(field.name.span),
            ));
        }
        fields.push(Field {
            name: field.name.text.clone(),
            ty: field_type(field, policy, names, problems),
            missing: match field.missing {
                None => Missing::Never,
                Some(file::Missing::None) => Missing::None,
                Some(file::Missing::Unknown) => Missing::Unknown,
            },
            span: Some(field.span),
        });
    }
    let at = declaration.name.span;
    let mut relation = Relation {
        reads: None,
        name,
        kind: Kind::Declared(declaration.kind),
        fields,
        key: declaration.key,
        dated: declaration.dated.is_some(),
        on: None,
        standing: declaration.dated.is_some(),
        doc: doc.to_owned(),
        span: Some(at),
    };
    if let Some(span) = declaration
        .dated
        .filter(|_| declaration.kind != RelationKind::Input)
    {
        problems.push(error::dated_without_input(&relation.name, span));
        (relation.dated, relation.standing) = (false, false);
    }
    for (at, field) in relation.fields.iter().enumerate() {
        let is_key = relation.key.is_some_and(|key| at < key);
        if is_key && field.missing != Missing::Never {
            problems.push(error::key_may_be_missing(
                &field.name,
                field.span.unwrap_or(declaration.name.span),
            ));
        }
    }
    if declaration.kind == RelationKind::Event {
        event(&mut relation, at, problems);
    }
    relation
}

/// The first field of an event is its id; one date field is its day.
fn event(relation: &mut Relation, at: Span, problems: &mut Problems) {
    if !matches!(
        relation.fields.first().map(|field| field.ty),
        Some(Type::Entity(_))
    ) || relation.key.is_some_and(|key| key != 1)
    {
        problems.push(error::event_without_id(&relation.name, at));
    }
    relation.key = Some(1);
    relation.on = relation.fields.iter().position(|field| {
        field.name == "on" && field.ty == Type::Date && field.missing == Missing::Never
    });
    if relation.on.is_none() {
        problems.push(error::event_without_day(&relation.name, at));
    }
}

fn field_type(
    field: &file::Field,
    policy: &Policy,
    names: &Names,
    problems: &mut Problems,
) -> Type {
    let name = field.type_name.text.as_str();
    let has_no_unit = matches!(name, "text" | "date" | "bool") || names.types.contains_key(name);
    if let Some(unit) = field.unit.as_ref().filter(|_| has_no_unit) {
        let span = match unit {
            FieldUnit::Percent => field.span,
            FieldUnit::Named(name) => name.span,
        };
        problems.push(error::type_without_unit(name, span));
    }
    match name {
        "text" => Type::Text,
        "date" => Type::Date,
        "bool" => Type::Bool,
        "int" | "decimal" => Type::Number(NumberType {
            integer: name == "int",
            measure: units::measure(field.unit.as_ref(), names, problems),
        }),
        _ => match names.types.get(name) {
            Some(id) => match policy.types.named(*id).kind {
                TypeKind::Entity => Type::Entity(*id),
                TypeKind::Set { .. } => Type::Set(*id),
            },
            None => {
                let built_in = ["text", "int", "decimal", "date", "bool"];
                let known = names.types.keys().map(String::as_str).chain(built_in);
                let near = called_elsewhere(name).or_else(|| nearest(name, known));
                let how = "declare it: `type Name`";
                let problem = error::unknown_name("type", name, field.type_name.span, near, how);
                problems.push(names.not_found(name, problem));
                // The relation is left out, and its uses are not held against it.
                Type::Text
            }
        },
    }
}

/// What the built-in types are called in other languages.
fn called_elsewhere(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "string" | "str" | "varchar" | "char" => "text",
        "number" | "float" | "double" | "real" | "numeric" | "money" => "decimal",
        "integer" | "long" | "count" => "int",
        "boolean" | "logical" => "bool",
        "day" | "datetime" | "timestamp" | "time" => "date",
        "percent" | "percentage" => "decimal %",
        _ => return None,
    })
}

/// `{field}` stands for a field's value, `{{` for a brace.
fn template(text: &file::Text, relation: &Relation, problems: &mut Problems) -> Vec<TemplatePart> {
    let (fields, relation) = (&relation.fields, relation.name.as_str());
    let mut parts = Vec::new();
    let mut words = String::new();
    let mut rest = text.text.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        words.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix(brace) {
            words.push_str(brace);
            rest = behind;
            continue;
        }
        let Some(end) = rest.find('}').filter(|_| brace == "{") else {
            problems.push(error::brace_alone(relation, text.span));
            continue;
        };
        let name = &rest[..end];
        rest = &rest[end + 1..];
        match fields.iter().position(|field| field.name == name) {
            Some(field) => {
                parts.push(TemplatePart::Words(std::mem::take(&mut words)));
                parts.push(TemplatePart::Field(field));
            }
            None => {
                let names = fields.iter().map(|field| field.name.as_str());
                problems.push(error::unknown_field(relation, name, text.span, names, None));
            }
        }
    }
    words.push_str(rest);
    parts.push(TemplatePart::Words(words));
    parts.retain(|part| *part != TemplatePart::Words(String::new()));
    parts
}
