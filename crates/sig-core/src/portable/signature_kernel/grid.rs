//! The cells of the equation's grid, and their anti-diagonals.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::Shape;

use crate::operation::SignatureKernel;
use crate::portable::{concatenate, narrow};

/// The sizes of a grid. Its rows are those of the path with fewer cells, so that anti-diagonals, as
/// long as a column, hold little beside them.
pub(super) struct Grid {
    pub(super) pairs: usize,
    pub(super) rows: usize,
    columns: usize,
    tiles: [usize; 2],
    dyadic: [usize; 2],
    /// Whether rows belong to the second path.
    turned: bool,
}

impl Grid {
    pub(super) fn new(operation: &SignatureKernel, x: &Shape) -> Self {
        let dyadic = operation.solver.dyadic();
        let tiles = [x[1] - 1, operation.second[1] - 1];
        let [rows, columns] = [tiles[0] << dyadic[0], tiles[1] << dyadic[1]];
        Self {
            pairs: operation.count(x[0]),
            rows: rows.min(columns),
            columns: rows.max(columns),
            tiles,
            dyadic,
            turned: rows > columns,
        }
    }

    /// The number of anti-diagonals.
    pub(super) fn diagonals(&self) -> usize {
        self.rows + self.columns - 1
    }

    /// Of one that is put beside others.
    pub(super) fn diagonal_shape(&self) -> Shape {
        Shape::from([self.pairs, self.rows, 1])
    }

    /// `δ` of the cells of tiles.
    pub(super) fn of_cells<B: Backend>(&self, tiles: FloatTensor<B>) -> FloatTensor<B> {
        let [a, b] = self.dyadic;
        match a + b {
            0 => tiles,
            shift => B::float_mul_scalar(tiles, (1.0 / (1u64 << shift) as f64).into()),
        }
    }

    /// Tiles `[pairs, first, second]` cut into cells `[pairs, rows, columns]`, which share `δ`.
    pub(super) fn cells<B: Backend>(&self, tiles: FloatTensor<B>) -> FloatTensor<B> {
        let ([m, n], [a, b]) = (self.tiles, self.dyadic.map(|order| 1 << order));
        let tiles = self.of_cells::<B>(tiles);
        let cells = if a * b == 1 {
            tiles
        } else {
            let tiles = B::float_reshape(tiles, Shape::from([self.pairs, m, 1, n, 1]));
            let cells = B::float_expand(tiles, Shape::from([self.pairs, m, a, n, b]));
            B::float_reshape(cells, Shape::from([self.pairs, m * a, n * b]))
        };
        self.turn::<B>(cells)
    }

    /// From cells `[pairs, rows, columns]` to `[pairs, rows, diagonals]`: row `i` is moved `i` places
    /// to the right, by reading rows that are longer by their number as if they were one shorter.
    pub(super) fn diagonals_of<B: Backend>(&self, cells: FloatTensor<B>) -> FloatTensor<B> {
        let (pairs, rows, columns) = (self.pairs, self.rows, self.columns);
        let padded = concatenate::<B>(
            vec![cells.clone(), zeros::<B>(&cells, [pairs, rows, rows])],
            2,
        );
        let flat = B::float_reshape(padded, Shape::from([pairs, rows * (rows + columns)]));
        let flat = narrow::<B>(flat, 1, 0..rows * self.diagonals());
        B::float_reshape(flat, Shape::from([pairs, rows, self.diagonals()]))
    }

    /// The inner vertices, `[pairs, first, second]`, from what each diagonal gave.
    pub(super) fn vertices<B: Backend>(&self, diagonals: Vec<FloatTensor<B>>) -> FloatTensor<B> {
        let (pairs, rows, columns) = (self.pairs, self.rows, self.columns);
        let diagonals = diagonals.into_iter();
        let diagonals = diagonals.map(|values| B::float_reshape(values, self.diagonal_shape()));
        let diagonals = concatenate::<B>(diagonals.collect(), 2);
        let flat = B::float_reshape(diagonals, Shape::from([pairs, rows * self.diagonals()]));
        let flat = concatenate::<B>(vec![flat.clone(), zeros::<B>(&flat, [pairs, rows])], 1);
        let padded = B::float_reshape(flat, Shape::from([pairs, rows, rows + columns]));
        self.turn::<B>(narrow::<B>(padded, 2, 0..columns))
    }

    /// The transpose of [`vertices`](Self::vertices).
    pub(super) fn of_vertices<B: Backend>(&self, gradient: FloatTensor<B>) -> FloatTensor<B> {
        self.diagonals_of::<B>(self.turn::<B>(gradient))
    }

    /// The gradient of the last vertex of each pair, among zeros.
    pub(super) fn of_last_vertex<B: Backend>(&self, gradient: FloatTensor<B>) -> FloatTensor<B> {
        let (pairs, rows, diagonals) = (self.pairs, self.rows, self.diagonals());
        let last = B::float_reshape(gradient, Shape::from([pairs, 1, 1]));
        let before = zeros::<B>(&last, [pairs, 1, diagonals - 1]);
        let row = concatenate::<B>(vec![before, last], 2);
        let above = zeros::<B>(&row, [pairs, rows - 1, diagonals]);
        concatenate::<B>(vec![above, row], 1)
    }

    /// With the vertices of the border, where the kernel is 1.
    pub(super) fn with_border<B: Backend>(&self, vertices: FloatTensor<B>) -> FloatTensor<B> {
        let [pairs, first, second] = vertices.shape().dims();
        let ones = |shape: [usize; 3]| {
            let dtype = vertices.dtype().into();
            B::float_ones(Shape::from(shape), &vertices.device(), dtype)
        };
        let (left, top) = (ones([pairs, first, 1]), ones([pairs, 1, second + 1]));
        let right = concatenate::<B>(vec![left, vertices], 2);
        concatenate::<B>(vec![top, right], 1)
    }

    /// Without it.
    pub(super) fn without_border<B: Backend>(&self, vertices: FloatTensor<B>) -> FloatTensor<B> {
        let [_, first, second] = vertices.shape().dims();
        narrow::<B>(narrow::<B>(vertices, 1, 1..first), 2, 1..second)
    }

    fn turn<B: Backend>(&self, cells: FloatTensor<B>) -> FloatTensor<B> {
        if self.turned {
            B::float_swap_dims(cells, 1, 2)
        } else {
            cells
        }
    }
}

/// Zeros on the device and in the dtype of `like`.
pub(super) fn zeros<B: Backend>(like: &FloatTensor<B>, shape: impl Into<Shape>) -> FloatTensor<B> {
    B::float_zeros(shape.into(), &like.device(), like.dtype().into())
}
