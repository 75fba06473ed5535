//! Cases of signature kernels: of pairs, Gram matrices, grids, distances of samples.

use std::sync::Arc;

use burn::tensor::{DType, Tensor};
use sig_core::signature_kernels::{
    KernelSolver, MmdEstimator, SignatureKernelOptions, StaticKernel, expected_signature_score,
    signature_kernel, signature_kernel_gram, signature_kernel_gram_symmetric,
    signature_kernel_grid, signature_mmd, signature_mmd_from_gram, signature_score,
};
use sig_core::signatures::SignatureMethod;
use sig_core::transforms::{LeadLagOrder, PathTransform};

use super::cases::Case;
use super::exceptions::Exception;
use super::fields::Fields;
use crate::support::compare;
use crate::support::engines::{Target, host, tolerance};
use crate::support::tensors::Array;

/// All numbers of a result, from two batches of paths.
type Function = Arc<dyn Fn([Tensor<3>; 2], &SignatureKernelOptions) -> Tensor<1> + Send + Sync>;

/// Paths, a function of them, and what it must give.
#[derive(Clone)]
pub(crate) struct KernelCheck {
    pub(crate) label: String,
    paths: [Array; 2],
    options: SignatureKernelOptions,
    function: Function,
    want: Vec<f64>,
    /// A cotangent, and the gradient in the paths; one where both batches are the same.
    gradients: Option<(Vec<f64>, Vec<Array>)>,
    /// Whether a series of high order is taken, which tensor operations take minutes for in a build
    /// without optimisation.
    pub(crate) is_long: bool,
}

impl KernelCheck {
    /// Checks values and gradients. The kernel is a sum that starts with 1: differences are taken
    /// relative to no less.
    pub(crate) fn check(
        &self,
        target: &Target,
        dtype: DType,
        method: SignatureMethod,
        exception: Exception,
    ) -> Result<(), String> {
        if dtype == DType::F32 && exception.rounded_inputs {
            let check = self.at_rounded_inputs(dtype);
            return check.check(target, dtype, method, Exception::default());
        }
        let options = self.options.clone().with_method(method);
        let (device, tolerance) = (&target.device, tolerance(dtype));
        let paths = self
            .paths
            .each_ref()
            .map(|paths| paths.tensor(device, dtype));
        let got: Array = (self.function)(paths, &options).into();
        if got.values.len() != self.want.len() {
            return Err(format!(
                "{} numbers, expected {}",
                got.values.len(),
                self.want.len()
            ));
        }
        for (i, (got, want)) in got.values.iter().zip(&self.want).enumerate() {
            compare::close(&[*got], &[*want], 1.0, tolerance)
                .map_err(|problem| format!("number {i}: {problem}"))?;
        }
        let Some((cotangent, want)) = &self.gradients else {
            return Ok(());
        };
        let device = device.clone().autodiff();
        let [x, y] = self.paths.each_ref();
        let x = x.tensor::<3>(&device, dtype).require_grad();
        let y = match want.len() {
            1 => x.clone(),
            _ => y.tensor::<3>(&device, dtype).require_grad(),
        };
        let result = (self.function)([x.clone(), y.clone()], &options);
        let cotangent = Array::new([cotangent.len()], cotangent.clone());
        let gradients = (result * cotangent.tensor(&device, dtype)).sum().backward();
        for (path, want) in [x, y].iter().zip(want) {
            let got = path
                .grad(&gradients)
                .map_or_else(|| Array::zeros(want.shape.clone()), Array::from);
            compare::close(&got.values, &want.values, 1.0, tolerance)
                .map_err(|problem| format!("gradient: {problem}"))?;
        }
        Ok(())
    }

    /// The same of the paths as the dtype holds them, as f64 says, which is itself compared with the
    /// file.
    fn at_rounded_inputs(&self, dtype: DType) -> Self {
        let target = host();
        let paths = self.paths.each_ref().map(|paths| paths.rounded(dtype));
        let inputs = paths
            .each_ref()
            .map(|paths| paths.tensor(&target.device, DType::F64));
        let want: Array = (self.function)(inputs, &self.options).into();
        Self {
            want: want.values,
            paths,
            gradients: None,
            ..self.clone()
        }
    }
}

/// Whether a case is one of these.
pub(super) fn is_one(fields: Fields<'_>) -> bool {
    let named = ["kernel", "gram", "grid", "exact", "mmd2", "mmd2_unbiased"];
    fields.has("static_kernel") && named.iter().any(|field| fields.has(field))
}

/// All that a case says.
pub(super) fn read(fields: Fields<'_>, case: &mut Case) -> Result<(), String> {
    let symmetric = fields.flag("symmetric")?;
    let x = fields.array_of("x", 3)?;
    let y = match symmetric {
        true => x.clone(),
        false => fields.array_of("y", 3)?,
    };
    let reader = Reader {
        fields,
        paths: [x, y],
        options: options(fields)?,
    };
    if fields.has("kernel") {
        let kernels = |[x, y]: [Tensor<3>; 2], options: &_| signature_kernel(x, y, options);
        reader.add(
            case,
            "kernel",
            "kernel",
            "cotangent",
            ["grad_x", "grad_y"],
            kernels,
        )?;
    }
    if fields.has("gram") && symmetric {
        let gram = |[x, _]: [Tensor<3>; 2], options: &_| {
            signature_kernel_gram_symmetric(x, options).flatten(0, 1)
        };
        reader.add(
            case,
            "gram_symmetric",
            "gram",
            "cotangent",
            ["grad_x"; 2],
            gram,
        )?;
    }
    if fields.has("gram") {
        let names = if symmetric {
            ["grad_x"; 2]
        } else {
            ["grad_x", "grad_y"]
        };
        let gram = |[x, y]: [Tensor<3>; 2], options: &_| {
            signature_kernel_gram(x, y, options).flatten(0, 1)
        };
        reader.add(case, "gram", "gram", "cotangent", names, gram)?;
    }
    if fields.has("grid") {
        let grid = |[x, y]: [Tensor<3>; 2], options: &_| {
            signature_kernel_grid(x, y, options).flatten(0, 2)
        };
        reader.add(
            case,
            "grid",
            "grid",
            "cotangent",
            ["grad_x", "grad_y"],
            grid,
        )?;
    }
    if fields.has("mmd2") || fields.has("mmd2_unbiased") {
        distances(&reader, case)?;
    }
    exact(&reader, case)
}

/// Distances of the samples `x` and `y`.
fn distances(reader: &Reader<'_>, case: &mut Case) -> Result<(), String> {
    let mmd = |estimator| {
        move |[x, y]: [Tensor<3>; 2], options: &_| signature_mmd(x, y, options, estimator)
    };
    let unbiased = mmd(MmdEstimator::Unbiased);
    if reader.fields.has("mmd2") {
        return reader.add(case, "mmd", "mmd2", "", [""; 2], unbiased);
    }
    let names = |name: &str| ["x", "y"].map(|side| format!("{name}_grad_{side}"));
    let pooled = |[x, y]: [Tensor<3>; 2], options: &_| {
        let gram =
            |a: &Tensor<3>, b: &Tensor<3>| signature_kernel_gram(a.clone(), b.clone(), options);
        let (first, between) = (x.dims()[0], gram(&x, &y));
        let top = Tensor::cat(vec![gram(&x, &x), between.clone()], 1);
        let bottom = Tensor::cat(vec![between.transpose(), gram(&y, &y)], 1);
        signature_mmd_from_gram(
            Tensor::cat(vec![top, bottom], 0),
            first,
            MmdEstimator::Unbiased,
        )
    };
    let name = "mmd2_unbiased";
    reader.add(case, "mmd_unbiased", name, "", names(name), unbiased)?;
    reader.add(case, "mmd_from_gram", name, "", names(name), pooled)?;
    let name = "mmd2_biased";
    reader.add(
        case,
        "mmd_biased",
        name,
        "",
        names(name),
        mmd(MmdEstimator::Biased),
    )?;
    let lambda = reader.fields.number("lambda_")?;
    let score = move |[x, y]: [Tensor<3>; 2], options: &_| signature_score(x, y, lambda, options);
    reader.add(
        case,
        "score",
        "score",
        "score_cotangent",
        names("score"),
        score,
    )?;
    let score =
        move |[x, y]: [Tensor<3>; 2], options: &_| expected_signature_score(x, y, lambda, options);
    reader.add(
        case,
        "expected_score",
        "expected_score",
        "",
        names("expected_score"),
        score,
    )
}

/// The kernel itself, and how schemes of some orders come near it.
fn exact(reader: &Reader<'_>, case: &mut Case) -> Result<(), String> {
    let fields = reader.fields;
    let kernels = |[x, y]: [Tensor<3>; 2], options: &_| signature_kernel(x, y, options);
    if fields.has("exact") {
        let names = if fields.has("kernel") {
            [""; 2]
        } else {
            ["grad_x", "grad_y"]
        };
        let reader = reader.with_solver(KernelSolver::Series { order: 44 });
        reader.add(case, "exact", "exact", "", names, kernels)?;
    }
    for (field, is_series) in [("polynomial", true), ("finite_difference", false)] {
        for (order, want) in fields.numbers_by_name(field)? {
            let order = order
                .parse()
                .map_err(|_| format!("field \"{field}\": {order} is no order"))?;
            // The finite differences of the file lose digits the finer the grid is: 4e-12 at 5.
            if !is_series && order > 4 {
                continue;
            }
            let dyadic = [order; 2];
            let reader = reader.with_solver(match is_series {
                true => KernelSolver::Series { order },
                false => KernelSolver::FiniteDifference { dyadic },
            });
            reader.push(case, &format!("{field}_{order}"), vec![want], None, kernels);
        }
    }
    Ok(())
}

struct Reader<'a> {
    fields: Fields<'a>,
    paths: [Array; 2],
    options: SignatureKernelOptions,
}

impl Reader<'_> {
    fn with_solver(&self, solver: KernelSolver) -> Self {
        Self {
            fields: self.fields,
            paths: self.paths.clone(),
            options: self.options.clone().with_solver(solver),
        }
    }

    /// A check of the value in a field and, if they are there, of the gradients in others, of the
    /// result itself if no cotangent is named.
    fn add<N: AsRef<str>>(
        &self,
        case: &mut Case,
        label: &str,
        value: &str,
        cotangent: &str,
        names: [N; 2],
        function: impl Fn([Tensor<3>; 2], &SignatureKernelOptions) -> Tensor<1> + Send + Sync + 'static,
    ) -> Result<(), String> {
        let want = self.fields.array(value)?.values;
        let [x, y] = names.each_ref().map(AsRef::as_ref);
        let gradients = match self.fields.has(x) {
            false => None,
            true => {
                let weights = match self.fields.has(cotangent) {
                    true => self.fields.array(cotangent)?.values,
                    false => vec![1.0; want.len()],
                };
                if weights.len() != want.len() {
                    return Err(format!(
                        "field \"{cotangent}\" has not the shape of \"{value}\""
                    ));
                }
                let sides = if x == y { vec![x] } else { vec![x, y] };
                let sides = sides.into_iter().zip(&self.paths);
                let wants = sides.map(|(name, path)| self.fields.array_like(name, &path.shape));
                Some((weights, wants.collect::<Result<_, _>>()?))
            }
        };
        self.push(case, label, want, gradients, function);
        Ok(())
    }

    fn push(
        &self,
        case: &mut Case,
        label: &str,
        want: Vec<f64>,
        gradients: Option<(Vec<f64>, Vec<Array>)>,
        function: impl Fn([Tensor<3>; 2], &SignatureKernelOptions) -> Tensor<1> + Send + Sync + 'static,
    ) {
        case.kernels.push(KernelCheck {
            label: label.into(),
            paths: self.paths.clone(),
            options: self.options.clone(),
            function: Arc::new(function),
            want,
            gradients,
            is_long: matches!(
                self.options.solver,
                Some(KernelSolver::Series { order: 33.. })
            ),
        });
    }
}

fn options(fields: Fields<'_>) -> Result<SignatureKernelOptions, String> {
    let mut transforms = Vec::new();
    if fields.flag("lead_lag")? {
        transforms.push(PathTransform::LeadLag {
            order: LeadLagOrder::LeadLag,
        });
    }
    if fields.flag("time_aug")? {
        let end_time = fields.number("end_time")?;
        transforms.push(PathTransform::TimeAugment { end_time });
    }
    let solver = match () {
        () if fields.has("order") => Some(KernelSolver::Series {
            order: fields.count("order")?,
        }),
        () if fields.has("dyadic_order") => Some(KernelSolver::FiniteDifference {
            dyadic: match fields.array("dyadic_order")?.values[..] {
                [order] => [order as usize; 2],
                [first, second] => [first as usize, second as usize],
                _ => return Err("field \"dyadic_order\" is not one number or two".into()),
            },
        }),
        () => None,
    };
    let options = SignatureKernelOptions::new()
        .with_static_kernel(static_kernel(fields)?)
        .with_normalized(fields.flag("normalize")?)
        .with_transforms(transforms);
    Ok(match solver {
        Some(solver) => options.with_solver(solver),
        None => options,
    })
}

/// The parameters stand in a field of their own, or beside the name.
fn static_kernel(fields: Fields<'_>) -> Result<StaticKernel, String> {
    let parameters = match fields
        .0
        .get("parameters")
        .and_then(|value| value.as_object())
    {
        Some(parameters) => Fields(parameters),
        None => fields,
    };
    let number = |name: &str| parameters.number(name);
    Ok(match fields.text("static_kernel")? {
        "linear" => StaticKernel::Linear,
        "scaled_linear" => StaticKernel::Scaled {
            scale: number("scale")?,
        },
        "rbf" => StaticKernel::Rbf {
            sigma: number("sigma")?,
        },
        "matern12" => StaticKernel::Matern12 {
            sigma: number("sigma")?,
        },
        "matern32" => StaticKernel::Matern32 {
            sigma: number("sigma")?,
        },
        "matern52" => StaticKernel::Matern52 {
            sigma: number("sigma")?,
        },
        "rational_quadratic" => StaticKernel::RationalQuadratic {
            sigma: number("sigma")?,
            alpha: number("alpha")?,
        },
        "polynomial" => StaticKernel::Polynomial {
            degree: number("degree")?,
            gamma: number("gamma")?,
            scale: number("scale")?,
        },
        other => {
            return Err(format!(
                "field \"static_kernel\" is {other:?}, which is no kernel known here"
            ));
        }
    })
}
