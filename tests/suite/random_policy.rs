//! Random policies and facts, as text: recursion, negation, aggregates, days, exemptions, suspensions.
//!
//! Every policy it writes is a correct one. Relations stand on levels: a rule reads its own level and those below
//! positively, and only those below through `not`, an aggregate or an exemption.

/// A policy and facts, in pieces whose order means nothing.
#[derive(Clone, Debug)]
pub struct RandomPolicy {
    /// Declarations, definitions and notices: each a text that may stand in a file of its own.
    pub pieces: Vec<String>,
    /// Facts, each a statement.
    pub facts: Vec<String>,
}

impl RandomPolicy {
    /// The policy as one file.
    pub fn policy(&self) -> String {
        self.pieces.join("\n\n")
    }

    /// The facts as one file.
    pub fn facts(&self) -> String {
        self.facts.join("\n")
    }
}

/// A source of choices: the same seed gives the same choices.
pub struct Dice(u64);

impl Dice {
    /// Dice with that seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    /// A number below `bound` (splitmix64).
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Puts them in another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// A policy with facts that leave points open, and the answers that each point can have.
#[derive(Clone, Debug)]
pub struct OpenPolicy {
    /// The policy, and the facts that are given.
    pub random: RandomPolicy,
    /// For each open point: the statement that leaves it open (empty where it is just not there), and those that settle it, one of
    /// which is true.
    pub points: Vec<(String, Vec<String>)>,
}

impl OpenPolicy {
    /// The facts with nothing settled.
    pub fn open_facts(&self) -> String {
        let open = self.points.iter().map(|(open, _)| open.as_str());
        let given = self.random.facts.iter().map(String::as_str);
        given.chain(open).collect::<Vec<_>>().join("\n")
    }

    /// The facts of each way of settling all points, with the answers' places.
    pub fn settlements(&self) -> Vec<(Vec<usize>, String)> {
        let mut ways: Vec<Vec<usize>> = vec![Vec::new()];
        for (_, answers) in &self.points {
            let longer = ways.iter().flat_map(|way| {
                (0..answers.len()).map(move |answer| [way.as_slice(), &[answer]].concat())
            });
            ways = longer.collect();
        }
        let facts = |way: Vec<usize>| {
            let answers = way.iter().zip(&self.points);
            let answers = answers.map(|(answer, (_, answers))| answers[*answer].as_str());
            let given = self.random.facts.iter().map(String::as_str);
            let text = given.chain(answers).collect::<Vec<_>>().join("\n");
            (way, text)
        };
        ways.into_iter().map(facts).collect()
    }
}

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sort {
    Entity,
    Event,
    Int,
    Share,
    Date,
    Colour,
}

/// How a relation gets its rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Family {
    /// Given: an event, an input.
    Given,
    /// Given, with days of its own.
    Dated,
    /// Concluded outside any notice.
    Plain,
    /// Concluded of an event, in a notice.
    Judged,
    /// Concluded for stretches of days, in a notice.
    Standing,
}

#[derive(Clone, Debug)]
struct Relation {
    name: String,
    sorts: Vec<Sort>,
    family: Family,
    level: usize,
}

const LEVELS: usize = 3;
const PLAIN_WORLD: &[Family] = &[Family::Given, Family::Plain];
const STANDING_WORLD: &[Family] = &[
    Family::Given,
    Family::Plain,
    Family::Dated,
    Family::Standing,
];
const EVENT_WORLD: &[Family] = &[
    Family::Given,
    Family::Plain,
    Family::Dated,
    Family::Standing,
    Family::Judged,
];

/// The policy and facts that the seed stands for.
pub fn random_policy(seed: u64) -> RandomPolicy {
    Writer::new(seed, false).policy()
}

/// The same with judgements and values that may be unknown; some of them are left open.
pub fn open_policy(seed: u64) -> OpenPolicy {
    let mut writer = Writer::new(seed, true);
    let mut random = writer.policy();
    let points = writer.points(&mut random.facts);
    OpenPolicy { random, points }
}

/// An open policy in which, on conditions that may be open, judgements `j` and values of `w` are presumed; never of one both ways.
pub fn presuming_policy(seed: u64) -> OpenPolicy {
    let mut open = open_policy(seed);
    let mut dice = Dice::new(seed);
    let mut conditions = ["u(X, red)", "u(X, blue)", "u(X, green)"];
    dice.shuffle(&mut conditions);
    for (presumption, condition) in ["j(X)", "not j(X)", "w(X, 2)", "w(X, 5)"]
        .into_iter()
        .zip([0, 1, 0, 2].map(|at| conditions[at]))
    {
        let more = dice.pick(&["", ", g", ", a(X)", ", not g", ", not b(X, _)"]);
        let text = format!("presume {presumption} if {condition}{more}.");
        if dice.chance(70) {
            open.random.pieces.push(text);
        }
    }
    open
}

fn whole_policy(writer: &mut Writer) -> RandomPolicy {
    let declarations = writer.declarations();
    let definitions = writer.definitions();
    let notices = writer.notices();
    let mut pieces = vec![declarations];
    pieces.extend(definitions);
    pieces.extend(notices);
    RandomPolicy {
        pieces,
        facts: writer.facts(),
    }
}

fn relations() -> Vec<Relation> {
    use Sort::{Date, Entity, Event, Int, Share};
    let mut list = vec![
        relation("ev", &[Event, Entity, Int, Date], Family::Given, 0),
        relation("a", &[Entity], Family::Given, 0),
        relation("b", &[Entity, Entity], Family::Given, 0),
        relation("n", &[Entity, Int], Family::Given, 0),
        relation("own", &[Entity, Entity, Share], Family::Dated, 0),
    ];
    for level in 1..=LEVELS {
        list.push(relation(
            &format!("p{level}"),
            &[Entity],
            Family::Plain,
            level,
        ));
        list.push(relation(
            &format!("q{level}"),
            &[Entity, Entity],
            Family::Plain,
            level,
        ));
        list.push(relation(
            &format!("l{level}"),
            &[Entity],
            Family::Standing,
            level,
        ));
        list.push(relation(
            &format!("m{level}"),
            &[Entity, Entity],
            Family::Standing,
            level,
        ));
        list.push(relation(
            &format!("r{level}"),
            &[Event],
            Family::Judged,
            level,
        ));
        list.push(relation(
            &format!("s{level}"),
            &[Event, Entity],
            Family::Judged,
            level,
        ));
        list.push(relation(
            &format!("v{level}"),
            &[Event, Int],
            Family::Judged,
            level,
        ));
    }
    list
}

fn relation(name: &str, sorts: &[Sort], family: Family, level: usize) -> Relation {
    Relation {
        name: name.into(),
        sorts: sorts.to_vec(),
        family,
        level,
    }
}

/// The variables of a rule that its positive literals bind.
#[derive(Default, Clone)]
struct Bound(Vec<(String, Sort)>);

impl Bound {
    fn of(&self, sort: Sort) -> Vec<String> {
        self.0
            .iter()
            .filter(|(_, other)| *other == sort)
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn add(&mut self, name: &str, sort: Sort) {
        if !self.0.iter().any(|(other, _)| other == name) {
            self.0.push((name.into(), sort));
        }
    }
}

struct Writer {
    dice: Dice,
    relations: Vec<Relation>,
    /// Whether it writes judgements and unknown values.
    is_open: bool,
}

impl Writer {
    fn new(seed: u64, is_open: bool) -> Writer {
        let mut relations = relations();
        if is_open {
            let colour = [Sort::Entity, Sort::Colour];
            relations.push(relation("u", &colour, Family::Given, 0));
            relations.push(relation("w", &[Sort::Entity, Sort::Int], Family::Given, 0));
        }
        Writer {
            dice: Dice::new(seed),
            relations,
            is_open,
        }
    }

    fn policy(&mut self) -> RandomPolicy {
        whole_policy(self)
    }

    /// Settles most of what may be open, and gives what is left.
    fn points(&mut self, facts: &mut Vec<String>) -> Vec<(String, Vec<String>)> {
        let mut points = Vec::new();
        let judgements = ["g".to_owned()]
            .into_iter()
            .chain((0..4).map(|at| format!("j(t{at})")));
        for judgement in judgements {
            let ways = vec![format!("{judgement}."), format!("not {judgement}.")];
            points.push((String::new(), ways));
        }
        for at in 0..4 {
            let written = self.dice.chance(50);
            let open = |text: String| if written { text } else { String::new() };
            let colours = ["red", "green", "blue"];
            let colours = colours.map(|colour| format!("u(t{at}, {colour})."));
            points.push((open(format!("u(t{at}).")), colours.to_vec()));
            let numbers = (-1..=7).map(|number| format!("w(t{at}, {number})."));
            points.push((open(format!("w(t{at}).")), numbers.collect()));
        }
        let most = 1 + self.dice.below(3);
        self.dice.shuffle(&mut points);
        let mut left = 0;
        points.retain(|(_, answers)| {
            let is_left = left < most;
            left += usize::from(is_left);
            if !is_left {
                facts.push(self.dice.pick(answers).clone());
            }
            is_left
        });
        points
    }

    fn declarations(&mut self) -> String {
        let mut text = String::from(
            "type Thing\ntype Happening\n\
             event ev(id: Happening -> who: Thing, amount: int, on: date)\n\
             input a(x: Thing)\ninput b(x: Thing, y: Thing)\ninput n(x: Thing, v: int)\n\
             input own(x: Thing, y: Thing, share: decimal %) dated\n",
        );
        if self.is_open {
            text += "type Colour = red < green < blue\n\
                     judgement g\njudgement j(x: Thing)\n\
                     input u(x: Thing -> k: Colour or unknown)\n\
                     input w(x: Thing -> v: int or unknown)\n";
        }
        for relation in self.relations.iter().filter(|relation| relation.level > 0) {
            let keyword = if relation.family == Family::Judged {
                "verdict"
            } else {
                "relation"
            };
            let fields: Vec<String> = relation
                .sorts
                .iter()
                .enumerate()
                .map(|(at, sort)| format!("f{at}: {}", type_of(*sort)))
                .collect();
            text += &format!("{keyword} {}({})\n", relation.name, fields.join(", "));
        }
        text
    }

    fn definitions(&mut self) -> Vec<String> {
        let heads = self.heads(Family::Plain);
        let mut rules = Vec::new();
        for head in heads {
            for _ in 0..1 + self.dice.below(2) {
                rules.push(self.rule(&head, PLAIN_WORLD));
            }
        }
        rules
    }

    fn heads(&self, family: Family) -> Vec<Relation> {
        self.relations
            .iter()
            .filter(|relation| relation.family == family)
            .cloned()
            .collect()
    }

    /// Notices 0 to 3; only later ones touch earlier ones, so that no suspension closes a circle.
    fn notices(&mut self) -> Vec<String> {
        let mut notices = Vec::new();
        for number in 0..4 {
            let mut text =
                format!("notice n{number} \"Notice {number}\" {{\n    published 2025-01-01\n");
            text += &format!("    effective {}\n", self.early_day());
            for clause in 1..=2 {
                text += &self.clause(clause);
            }
            if number > 0 && self.dice.chance(70) {
                text += &self.effect(number);
            }
            text += "}";
            notices.push(text);
        }
        self.add_exemptions(&mut notices);
        notices
    }

    fn clause(&mut self, id: usize) -> String {
        let mut heads = self.heads(Family::Judged);
        heads.extend(self.heads(Family::Standing));
        let days = match self.dice.below(4) {
            0 => format!(" from {}", self.day()),
            1 => " through 2025-01-20".to_owned(),
            _ => String::new(),
        };
        let mut text = format!("    clause {id} \"Clause {id}\"{days} {{\n");
        for _ in 0..3 {
            let head = self.dice.pick(&heads).clone();
            let world = if head.family == Family::Judged {
                EVENT_WORLD
            } else {
                STANDING_WORLD
            };
            text += &format!("        {}\n", self.rule(&head, world));
        }
        if self.dice.chance(50) {
            let (level, thing) = (1 + self.dice.below(LEVELS), self.thing());
            text += &format!("        l{level}({thing}).\n");
        }
        text + "    }\n"
    }

    fn effect(&mut self, number: usize) -> String {
        let target = format!("n{}", self.dice.below(number));
        let target = if self.dice.chance(50) {
            format!("{target}/{}", 1 + self.dice.below(2))
        } else {
            target
        };
        if self.is_open && self.dice.chance(50) {
            let not = if self.dice.chance(50) { "not " } else { "" };
            return format!(
                "    suspends {target} from 2025-01-03 through 2025-01-12, \
                 from 2025-01-13 through 2025-01-26 if {not}g\n"
            );
        }
        match self.dice.below(7) {
            0 => format!("    repeals {target} from {}\n", self.day()),
            1 => format!("    suspends {target}\n"),
            2 => format!(
                "    suspends {target} from 2025-01-08 through 2025-01-14, from 2025-01-22\n"
            ),
            3 => format!("    replaces {target} from {}\n", self.day()),
            4 => format!(
                "    replaces {target} from {} through 2025-01-22\n",
                self.early_day()
            ),
            5 => format!(
                "    replaces {target} from 2025-01-04 through 2025-01-10, from 2025-01-16 through 2025-01-24\n"
            ),
            _ => format!(
                "    suspends {target} from {} through 2025-01-25\n",
                self.early_day()
            ),
        }
    }

    /// Exemptions name what some clause concludes, so they are written when all rules stand.
    fn add_exemptions(&mut self, notices: &mut [String]) {
        let concluded: Vec<(usize, usize, Relation)> = self.concluded(notices);
        for _ in 0..2 {
            if concluded.is_empty() {
                return;
            }
            let (notice, clause, head) = self.dice.pick(&concluded).clone();
            let home = self.dice.below(notices.len());
            let exemption = self.exemption(notice, clause, &head);
            let id = 7 + self.dice.below(2);
            let at = notices[home]
                .rfind('}')
                .expect("a notice ends with a brace");
            if notices[home].contains(&format!("clause {id} ")) {
                continue;
            }
            notices[home].insert_str(
                at,
                &format!("    clause {id} \"Relief\" {{\n        {exemption}\n    }}\n"),
            );
        }
    }

    fn exemption(&mut self, notice: usize, clause: usize, head: &Relation) -> String {
        let mut bound = Bound::default();
        let terms: Vec<String> = head
            .sorts
            .iter()
            .enumerate()
            .map(|(at, sort)| {
                let name = variable(*sort, at);
                bound.add(&name, *sort);
                name
            })
            .collect();
        let world = if head.family == Family::Judged {
            EVENT_WORLD
        } else {
            STANDING_WORLD
        };
        let mut body = Vec::new();
        for _ in 0..1 + self.dice.below(2) {
            body.push(self.atom(world, head.level - 1, &mut bound));
        }
        body.extend(self.checks(world, head.level, &bound));
        let from = if self.dice.chance(30) {
            format!("n{notice}")
        } else {
            format!("n{notice}/{clause}")
        };
        format!(
            "exempt {}({}) from {from} if {}.",
            head.name,
            terms.join(", "),
            body.join(", ")
        )
    }

    fn concluded(&self, notices: &[String]) -> Vec<(usize, usize, Relation)> {
        let mut list = Vec::new();
        for (number, text) in notices.iter().enumerate() {
            let mut clause = 0;
            for line in text.lines() {
                let line = line.trim();
                if let Some(rest) = line.strip_prefix("clause ") {
                    clause = rest
                        .split(' ')
                        .next()
                        .and_then(|id| id.parse().ok())
                        .expect("clause ids are numbers");
                }
                let name = line.split('(').next().unwrap_or("");
                let head = self
                    .relations
                    .iter()
                    .find(|relation| relation.name == name && line.contains(" if "));
                if let Some(head) = head.filter(|head| head.level > 0) {
                    list.push((number, clause, head.clone()));
                }
            }
        }
        list
    }

    fn rule(&mut self, head: &Relation, world: &[Family]) -> String {
        let mut bound = Bound::default();
        let mut body = Vec::new();
        if head.family == Family::Judged {
            body.push("ev(T, W, A, D)".to_owned());
            for (name, sort) in [
                ("T", Sort::Event),
                ("W", Sort::Entity),
                ("A", Sort::Int),
                ("D", Sort::Date),
            ] {
                bound.add(name, sort);
            }
        }
        for _ in 0..1 + self.dice.below(2) {
            body.push(self.atom(world, head.level, &mut bound));
        }
        body.extend(self.checks(world, head.level, &bound));
        let mut terms = Vec::new();
        for sort in &head.sorts {
            let term = match self.is_open && *sort == Sort::Int {
                true => self.open_aggregate(head.level, &bound, &mut body),
                false => None,
            };
            terms.push(term.unwrap_or_else(|| self.head_term(*sort, &bound, &mut body)));
        }
        self.dice.shuffle(&mut body);
        format!(
            "{}({}) if {}.",
            head.name,
            terms.join(", "),
            body.join(", ")
        )
    }

    /// An aggregate over what may be open, or a number that may be.
    fn open_aggregate(
        &mut self,
        level: usize,
        bound: &Bound,
        body: &mut Vec<String>,
    ) -> Option<String> {
        let below = level - 1;
        let aggregate = match self.dice.below(8) {
            0 if below > 0 => format!("count {{ p{below}(_) }}"),
            1 if below > 0 => format!("sum V {{ q{below}(G, H), n(H, V) }}"),
            2 => "count X { j(X), a(X) }".to_owned(),
            3 => "min V { n(G, V), not j(G) }".to_owned(),
            4 => "sum V { w(G, V), a(G) }".to_owned(),
            5 => "max V { w(G, V), b(G, _) }".to_owned(),
            6 => "count { u(G, red), a(G) }".to_owned(),
            _ => {
                let numbers = bound.of(Sort::Int);
                return (!numbers.is_empty()).then(|| self.dice.pick(&numbers).clone());
            }
        };
        body.push(format!("R = {aggregate}"));
        if self.dice.chance(40) {
            body.push(format!("R >= {}", self.dice.below(5)));
        }
        Some("R".into())
    }

    fn open_checks(&mut self, bound: &Bound) -> Vec<String> {
        let mut list = Vec::new();
        let things = bound.of(Sort::Entity);
        if !things.is_empty() && self.dice.chance(50) {
            let name = self.dice.pick(&things).clone();
            list.push(match self.dice.below(6) {
                0 | 1 => format!("j({name})"),
                2 => format!("not j({name})"),
                3 => format!("not u({name}, green)"),
                4 => format!("( j({name}) or not g )"),
                _ => format!("u({name}, red)"),
            });
        }
        if self.dice.chance(10) {
            list.push(self.dice.pick(&["g", "not g"]).to_string());
        }
        let colours = bound.of(Sort::Colour);
        if !colours.is_empty() {
            let name = self.dice.pick(&colours).clone();
            let check = self.dice.pick(&["= red", "< blue", "!= green", ">= green"]);
            list.push(format!("{name} {check}"));
        }
        list
    }

    fn head_term(&mut self, sort: Sort, bound: &Bound, body: &mut Vec<String>) -> String {
        match sort {
            Sort::Int => {
                let things = bound.of(Sort::Entity);
                let aggregate = match self.dice.below(4) {
                    0 => "count { b(G, _) }".to_owned(),
                    1 => format!("sum V {{ n({}, V) }}", self.dice.pick(&things)),
                    2 => format!(
                        "count X {{ own({}, X, S), S > 20% }}",
                        self.dice.pick(&things)
                    ),
                    _ => "max V { n(G, V) }".to_owned(),
                };
                body.push(format!("R = {aggregate}"));
                "R".into()
            }
            _ => match bound.of(sort).as_slice() {
                [] => self.thing(),
                names => self.dice.pick(names).clone(),
            },
        }
    }

    /// A positive atom of a relation of that world, up to that level.
    fn atom(&mut self, world: &[Family], level: usize, bound: &mut Bound) -> String {
        let fits: Vec<Relation> = self
            .relations
            .iter()
            .filter(|relation| world.contains(&relation.family) && relation.level <= level)
            .filter(|relation| !relation.sorts.contains(&Sort::Event) || world == EVENT_WORLD)
            .cloned()
            .collect();
        let relation = self.dice.pick(&fits).clone();
        let mut terms = Vec::new();
        for sort in &relation.sorts {
            let number = 1 + self.dice.below(3);
            let name = variable(*sort, number);
            let known = bound.of(*sort);
            terms.push(match self.dice.below(6) {
                0 if *sort == Sort::Entity => self.thing(),
                1..=3 if !known.is_empty() => self.dice.pick(&known).clone(),
                _ => {
                    bound.add(&name, *sort);
                    name
                }
            });
        }
        format!("{}({})", relation.name, terms.join(", "))
    }

    /// Literals that bind nothing.
    fn checks(&mut self, world: &[Family], level: usize, bound: &Bound) -> Vec<String> {
        let mut list = match self.is_open {
            true => self.open_checks(bound),
            false => Vec::new(),
        };
        if self.dice.chance(50) {
            list.extend(self.negation(world, level, bound));
        }
        let numbers = bound.of(Sort::Int);
        if !numbers.is_empty() && self.dice.chance(30) {
            list.push(format!(
                "{} * 2 >= {}",
                self.dice.pick(&numbers),
                self.dice.below(8)
            ));
        }
        let shares = bound.of(Sort::Share);
        if !shares.is_empty() && self.dice.chance(50) {
            list.push(format!("{} >= 50%", self.dice.pick(&shares)));
        }
        let dates = bound.of(Sort::Date);
        if !dates.is_empty() && self.dice.chance(20) {
            list.push(format!("{} + 3 days <= 2025-01-20", self.dice.pick(&dates)));
        }
        let things = bound.of(Sort::Entity);
        if !things.is_empty() && self.dice.chance(20) {
            let (name, one, other) = (self.dice.pick(&things).clone(), self.thing(), self.thing());
            list.push(format!(
                "( {name} = {one} or b({name}, {other}) or not a({name}) )"
            ));
        }
        list
    }

    fn negation(&mut self, world: &[Family], level: usize, bound: &Bound) -> Option<String> {
        let fits: Vec<Relation> = self
            .relations
            .iter()
            .filter(|relation| world.contains(&relation.family) && relation.level < level)
            .filter(|relation| !["u", "w"].contains(&relation.name.as_str()))
            .filter(|relation| {
                !relation.sorts.contains(&Sort::Event) || !bound.of(Sort::Event).is_empty()
            })
            .cloned()
            .collect();
        if fits.is_empty() {
            return None;
        }
        let relation = self.dice.pick(&fits).clone();
        let terms: Vec<String> = relation
            .sorts
            .iter()
            .map(|sort| {
                let known = bound.of(*sort);
                if known.is_empty() || self.dice.chance(20) && *sort != Sort::Event {
                    "_".into()
                } else {
                    self.dice.pick(&known).clone()
                }
            })
            .collect();
        Some(format!("not {}({})", relation.name, terms.join(", ")))
    }

    fn facts(&mut self) -> Vec<String> {
        let mut facts = Vec::new();
        for number in 0..4 {
            let (thing, amount, day) = (self.thing(), self.dice.below(6), self.day());
            facts.push(format!("ev(h{number}, {thing}, {amount}, {day})."));
        }
        for _ in 0..3 {
            facts.push(format!("a({}).", self.thing()));
            facts.push(format!("b({}, {}).", self.thing(), self.thing()));
            facts.push(format!("b({}, {}).", self.thing(), self.thing()));
            facts.push(format!("n({}, {}).", self.thing(), self.dice.below(6)));
            let (owner, owned, share) = (
                self.thing(),
                self.thing(),
                [20, 30, 50, 60][self.dice.below(4)],
            );
            let days = match self.dice.below(3) {
                0 => String::new(),
                1 => format!(" from {}", self.day()),
                _ => " from 2025-01-05 through 2025-01-18".into(),
            };
            facts.push(format!("own({owner}, {owned}, {share}){days}."));
        }
        facts.sort();
        facts.dedup();
        facts
    }

    fn thing(&mut self) -> String {
        format!("t{}", self.dice.below(4))
    }

    fn early_day(&mut self) -> String {
        format!("2025-01-{:02}", 1 + self.dice.below(15))
    }

    fn day(&mut self) -> String {
        format!("2025-01-{:02}", 1 + self.dice.below(28))
    }
}

fn variable(sort: Sort, number: usize) -> String {
    match sort {
        Sort::Entity => format!("X{number}"),
        Sort::Event => "T".into(),
        Sort::Int => format!("N{number}"),
        Sort::Share => format!("S{number}"),
        Sort::Date => format!("D{number}"),
        Sort::Colour => format!("K{number}"),
    }
}

fn type_of(sort: Sort) -> &'static str {
    match sort {
        Sort::Entity => "Thing",
        Sort::Event => "Happening",
        Sort::Int => "int",
        Sort::Share => "decimal %",
        Sort::Date => "date",
        Sort::Colour => "Colour",
    }
}
