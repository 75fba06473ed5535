//! Coordinates of Lie elements on the host: brackets multiplied out in full, and a system of linear
//! equations solved by elimination. The crate goes by classes of words and exact inverses.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use sig_core::logsignatures::LogSignatureBasis;
use sig_core::signatures::SignatureSpec;
use sig_core::words::{Bracket, hall_brackets, lyndon_brackets, lyndon_words};

use super::dual::Number;
use super::naive::Series;

/// For each coordinate the terms it is a sum of, with their factors.
type Projection = Arc<Vec<Vec<(usize, f64)>>>;

/// The coordinates of a Lie element, given with its scalar term 0.
pub(super) fn coordinates<T: Number>(
    element: &Series<T>,
    channels: usize,
    basis: LogSignatureBasis,
) -> Vec<T> {
    let terms = element[1..].concat();
    if basis == LogSignatureBasis::Expand {
        return terms;
    }
    let sum = |parts: &Vec<(usize, f64)>| {
        let parts = parts.iter().map(|&(index, factor)| match factor {
            1.0 => terms[index],
            factor => terms[index] * T::from(factor),
        });
        parts
            .reduce(|sum, part| sum + part)
            .expect("a basis is full")
    };
    let depth = element.len() - 1;
    projection(channels, depth, basis).iter().map(sum).collect()
}

fn projection(channels: usize, depth: usize, basis: LogSignatureBasis) -> Projection {
    type Known = HashMap<(usize, usize, LogSignatureBasis), Projection>;
    static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN
        .lock()
        .expect("no test panics while it holds the lock");
    let make = || Arc::new(solve(channels, depth, basis));
    known
        .entry((channels, depth, basis))
        .or_insert_with(make)
        .clone()
}

fn solve(channels: usize, depth: usize, basis: LogSignatureBasis) -> Vec<Vec<(usize, f64)>> {
    let spec = SignatureSpec::new(channels, depth);
    let words = lyndon_words(channels, depth);
    let words: Vec<usize> = words.iter().map(|word| spec.word_index(word)).collect();
    let elements = match basis {
        LogSignatureBasis::Hall => hall_brackets(channels, depth),
        LogSignatureBasis::Brackets => lyndon_brackets(channels, depth),
        _ => return words.into_iter().map(|index| vec![(index, 1.0)]).collect(),
    };
    let columns: Vec<Vec<(usize, f64)>> = elements.iter().map(|b| expanded(b, spec)).collect();
    let entry = |column: &Vec<(usize, f64)>, word| {
        let found = column.iter().find(|(index, _)| *index == word);
        found.map_or(0.0, |(_, factor)| *factor)
    };
    let row = |&word: &usize| columns.iter().map(|column| entry(column, word)).collect();
    let inverse = inverted(words.iter().map(row).collect());
    let sparse = |row: Vec<f64>| {
        let parts = words.iter().copied().zip(row);
        parts.filter(|(_, factor)| *factor != 0.0).collect()
    };
    inverse.into_iter().map(sparse).collect()
}

/// A bracket as a sum of words, by their place among the terms of a signature.
pub(crate) fn expanded(bracket: &Bracket, spec: SignatureSpec) -> Vec<(usize, f64)> {
    let mut sum = HashMap::<usize, f64>::new();
    for (word, factor) in words(bracket) {
        *sum.entry(spec.word_index(&word)).or_default() += factor;
    }
    sum.into_iter()
        .filter(|(_, factor)| *factor != 0.0)
        .collect()
}

fn words(bracket: &Bracket) -> Vec<(Vec<usize>, f64)> {
    let (left, right) = match bracket {
        Bracket::Letter(letter) => return vec![(vec![*letter], 1.0)],
        Bracket::Pair(left, right) => (words(left), words(right)),
    };
    let mut product = Vec::new();
    for (u, a) in &left {
        for (v, b) in &right {
            product.push(([&u[..], v].concat(), a * b));
            product.push(([&v[..], u].concat(), -a * b));
        }
    }
    product
}

/// The inverse by Gauss and Jordan with the largest pivots.
fn inverted(mut rows: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let size = rows.len();
    for (i, row) in rows.iter_mut().enumerate() {
        row.resize(2 * size, 0.0);
        row[size + i] = 1.0;
    }
    for column in 0..size {
        let size_of = |i: &usize| rows[*i][column].abs();
        let pivot = (column..size).max_by(|i, j| size_of(i).total_cmp(&size_of(j)));
        rows.swap(column, pivot.expect("a row is left"));
        let factor = rows[column][column];
        rows[column].iter_mut().for_each(|x| *x /= factor);
        let pivot = rows[column].clone();
        for (i, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if i != column && factor != 0.0 {
                row.iter_mut()
                    .zip(&pivot)
                    .for_each(|(x, p)| *x -= factor * p);
            }
        }
    }
    rows.into_iter().map(|row| row[size..].to_vec()).collect()
}
