//! Windows of paths: each is a path of its own, read where it lies.

use std::ops::Range;

use super::parts::each;
use super::{Call, Number, Tree, View};

/// A call: windows, all the same in every path, of paths `[rows, length, channels]`. Those of a group
/// are computed together, as long as the longest of them takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowsCall<'a, T> {
    pub(crate) paths: &'a [T],
    pub(crate) rows: usize,
    pub(crate) length: usize,
    pub(crate) channels: usize,
    pub(crate) depth: usize,
    pub(crate) inverse: bool,
    pub(crate) windows: &'a [Range<usize>],
    pub(crate) groups: &'a [Vec<usize>],
}

impl<T: Number> WindowsCall<'_, T> {
    /// The signatures, `[rows, windows, terms]`.
    pub(crate) fn signatures(&self) -> Vec<T> {
        let of_group = |group: &Vec<usize>| {
            let point = |row: usize, t: usize| (row * self.length + t) * self.channels;
            let views = self.each(group, |row, range| View {
                start: point(row, range.start),
                steps: range.len() - 1,
            });
            self.call(group, self.paths, &views).signature()
        };
        if let [group] = self.groups {
            return of_group(group);
        }
        let terms = Tree::new(self.channels, self.depth).terms();
        let mut output = vec![T::zeroed(); self.rows * self.windows.len() * terms];
        for group in self.groups {
            let signatures = of_group(group);
            let places = self.places(group).map(|place| place * terms);
            for (at, signature) in places.zip(signatures.chunks_exact(terms)) {
                output[at..][..terms].copy_from_slice(signature);
            }
        }
        output
    }

    /// The gradient of the paths, from that of the signatures.
    pub(crate) fn gradient(&self, output: &[T]) -> Vec<T> {
        let mut gradient = vec![T::zeroed(); self.rows * self.length * self.channels];
        for group in self.groups {
            self.add_gradient(group, output, &mut gradient);
        }
        gradient
    }

    /// What windows overlap is added to by each, so that they are differentiated as paths of their own
    /// first.
    fn add_gradient(&self, group: &[usize], output: &[T], gradient: &mut [T]) {
        let d = self.channels;
        let (row, own) = (self.length * d, (self.steps(group) + 1) * d);
        let mut paths = vec![T::zeroed(); self.rows * group.len() * own];
        let mut rooms = paths.chunks_exact_mut(own);
        let mut starts = (0..).step_by(own);
        let views = self.each(group, |row, range| {
            let width = range.len() * d;
            let from = (row * self.length + range.start) * d;
            let room = rooms.next().expect("room for each window");
            room[..width].copy_from_slice(&self.paths[from..][..width]);
            View {
                start: starts.next().expect("without end"),
                steps: range.len() - 1,
            }
        });
        let terms = output.len() / (self.rows * self.windows.len());
        let mut chosen = Vec::new();
        let output = match self.groups {
            [_] => output,
            _ => {
                let at = self.places(group).map(|place| place * terms);
                at.for_each(|at| chosen.extend_from_slice(&output[at..][..terms]));
                &chosen
            }
        };
        let (parts, _) = self.call(group, &paths, &views).gradient(output, None);
        let rows: Vec<&mut [T]> = gradient.chunks_exact_mut(row).collect();
        let work = parts.len() / self.rows;
        each(
            rows,
            parts.len(),
            || (),
            |(), index, to| {
                let parts = parts[index * work..][..work].chunks_exact(own);
                for (part, &window) in parts.zip(group) {
                    let range = &self.windows[window];
                    let to = &mut to[range.start * d..range.end * d];
                    to.iter_mut()
                        .zip(part)
                        .for_each(|(to, &part)| *to = to.plus(part));
                }
            },
        );
    }

    fn call<'b>(&self, group: &[usize], paths: &'b [T], views: &'b [View]) -> Call<'b, T> {
        Call {
            paths,
            rows: views.len(),
            steps: self.steps(group),
            channels: self.channels,
            depth: self.depth,
            stream: false,
            inverse: self.inverse,
            initial: None,
            views: Some(views),
        }
    }

    /// Steps of the longest window of a group, at least one: a point alone rests.
    fn steps(&self, group: &[usize]) -> usize {
        let steps = group.iter().map(|&window| self.windows[window].len() - 1);
        steps.fold(1, usize::max)
    }

    /// Where the results of a group lie among all, in windows.
    fn places(&self, group: &[usize]) -> impl Iterator<Item = usize> {
        let rows = (0..self.rows).map(|row| row * self.windows.len());
        rows.flat_map(move |first| group.iter().map(move |window| first + window))
    }

    /// Something for each row and each window of a group.
    fn each<X>(&self, group: &[usize], mut of: impl FnMut(usize, &Range<usize>) -> X) -> Vec<X> {
        let mut all = Vec::with_capacity(self.rows * group.len());
        for row in 0..self.rows {
            all.extend(group.iter().map(|&window| of(row, &self.windows[window])));
        }
        all
    }
}
