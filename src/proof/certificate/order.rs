//! What rests on what, put in order: everything behind what it rests on, and together what rests on each other.

/// The groups of nodes that rest on each other (mostly one node each), each behind those on which it rests.
pub(super) fn groups(rests_on: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let count = rests_on.len();
    let mut order = Order {
        number: vec![usize::MAX; count],
        low: vec![0; count],
        is_open: vec![false; count],
        open: Vec::new(),
        next: 0,
        groups: Vec::new(),
    };
    for start in 0..count {
        if order.number[start] == usize::MAX {
            order.visit(start, rests_on);
        }
    }
    order.groups
}

/// Tarjan's algorithm, without going deep.
struct Order {
    number: Vec<usize>,
    low: Vec<usize>,
    is_open: Vec<bool>,
    open: Vec<usize>,
    next: usize,
    groups: Vec<Vec<usize>>,
}

impl Order {
    fn visit(&mut self, start: usize, rests_on: &[Vec<usize>]) {
        let mut path = vec![(start, 0)];
        self.enter(start);
        while let Some((node, at)) = path.last_mut() {
            let node = *node;
            if let Some(next) = rests_on[node].get(*at).copied() {
                *at += 1;
                if self.number[next] == usize::MAX {
                    self.enter(next);
                    path.push((next, 0));
                } else if self.is_open[next] {
                    self.low[node] = self.low[node].min(self.number[next]);
                }
                continue;
            }
            path.pop();
            if let Some((above, _)) = path.last() {
                self.low[*above] = self.low[*above].min(self.low[node]);
            }
            if self.low[node] == self.number[node] {
                self.close(node);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.number[node] = self.next;
        self.low[node] = self.next;
        self.next += 1;
        self.is_open[node] = true;
        self.open.push(node);
    }

    fn close(&mut self, node: usize) {
        let mut group = Vec::new();
        while let Some(top) = self.open.pop() {
            self.is_open[top] = false;
            group.push(top);
            if top == node {
                break;
            }
        }
        group.sort();
        self.groups.push(group);
    }
}
